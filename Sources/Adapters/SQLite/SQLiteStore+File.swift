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
    /// SQLite creates files with mode 0644 minus the umask, so every user of the machine could read secrets and bodies.
    /// It gives the write-ahead log and its index (`-wal`, `-shm`) the mode of the database, so setting one mode sets
    /// all three. An empty file is an empty database.
    ///
    /// The mode of an existing file does not change: hosts share a file by giving a group access.
    ///
    /// - Parameter path: The file. Names that SQLite does not treat as a file, such as `:memory:`, are left to SQLite.
    /// - Throws: `DatabaseError` with code `SQLITE_CANTOPEN` when the file can be neither created nor opened.
    static func createPrivateFile(_ path: String) throws {
        guard !path.isEmpty, path != ":memory:", !path.hasPrefix("file:") else { return }
        // With `O_EXCL`, exactly one of several processes creates the file, and no link is followed.
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard file >= 0 else {
            let reason = errno
            if reason == EEXIST { return }
            throw DatabaseError(
                resultCode: .SQLITE_CANTOPEN,
                message: "cannot create the database file: \(unsafe String(cString: strerror(reason)))")
        }
        defer { close(file) }
        // A umask such as 0277 would lock out the owner as well.
        guard fchmod(file, S_IRUSR | S_IWUSR) == 0 else {
            throw DatabaseError(
                resultCode: .SQLITE_CANTOPEN, message: "cannot set the mode of the database file to 0600")
        }
    }
}
#endif
