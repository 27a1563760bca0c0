#if SQLite
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import GRDB

extension SQLiteStore {
    /// Creates the file with mode 0600, unless it exists.
    ///
    /// SQLite creates files with mode 0644 less the umask, so that every user of the machine could read secrets and bodies. It
    /// gives the log and its index (`-wal`, `-shm`) the mode of the database, so that setting one mode sets all three. An
    /// empty file is an empty database.
    ///
    /// The mode of a file that exists stays as it is: hosts give a group access to share the file.
    ///
    /// - Parameter path: The file. Names that SQLite reads as something else than a file, such as `:memory:`, are left to it.
    /// - Throws: `DatabaseError` with code `SQLITE_CANTOPEN` when the file can be neither created nor opened.
    static func createPrivateFile(_ path: String) throws {
        guard !path.isEmpty, path != ":memory:", !path.hasPrefix("file:") else { return }
        // `O_EXCL` makes one of several processes the creator, and never follows a link to create its target.
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard file >= 0 else {
            let reason = errno
            if reason == EEXIST { return }
            throw DatabaseError(
                resultCode: .SQLITE_CANTOPEN,
                message: "the database file cannot be created: \(unsafe String(cString: strerror(reason)))")
        }
        defer { close(file) }
        // A umask such as 0277 would keep the owner out as well.
        guard fchmod(file, S_IRUSR | S_IWUSR) == 0 else {
            throw DatabaseError(
                resultCode: .SQLITE_CANTOPEN, message: "the mode of the database file cannot be set to 0600")
        }
    }
}
#endif
