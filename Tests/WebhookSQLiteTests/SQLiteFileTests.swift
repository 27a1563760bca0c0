#if SQLite
import Foundation
import GRDB
import TaskFlowWebhooks
import Testing
import WebhookSQLite
import WebhookTesting

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The permissions of a store's files.
@Suite("SQLiteStore, files", .serialized)
struct SQLiteFileTests {
    /// The permissions of the database, its write-ahead log and its index, in octal; skips missing files.
    private func modes(of file: String) throws -> [String] {
        try ["", "-wal", "-shm"].compactMap { suffix in
            guard FileManager.default.fileExists(atPath: file + suffix) else { return nil }
            let attributes = try FileManager.default.attributesOfItem(atPath: file + suffix)
            let mode = try #require(attributes[.posixPermissions] as? NSNumber)
            return String(mode.intValue, radix: 8)
        }
    }

    /// Opens a store, registers a webhook so that all three files are written, and returns their modes.
    private func modesWhileOpen(_ file: String) async throws -> [String] {
        let store = try SQLiteStore(path: file)
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: []), clock: ManualClock(),
            random: SeededRandomSource(seed: 7))
        try await service.register(SQLiteStoreTests.registration, account: "acc_123")
        return try modes(of: file)
    }

    @Test(
        "Files that a store creates have mode 0600, whatever the umask", arguments: [0o000, 0o022, 0o077] as [mode_t])
    func created(mask: mode_t) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let before = umask(mask)
        defer { umask(before) }
        #expect(try await modesWhileOpen(folder.file) == ["600", "600", "600"])
    }

    @Test("The mode of an existing file does not change, and its log has the same", arguments: [0o600, 0o640, 0o644])
    func existing(mode: Int) async throws {
        let folder = try SQLiteStoreTests.Folder()
        let attributes = [FileAttributeKey.posixPermissions: mode]
        #expect(FileManager.default.createFile(atPath: folder.file, contents: nil, attributes: attributes))
        try FileManager.default.setAttributes(attributes, ofItemAtPath: folder.file)
        let expected = String(mode, radix: 8)
        #expect(try await modesWhileOpen(folder.file) == [expected, expected, expected])
    }

    @Test("A file that cannot be created is an error that says why")
    func impossible() throws {
        let folder = try SQLiteStoreTests.Folder()
        let error = #expect(throws: DatabaseError.self) { try SQLiteStore(path: folder.path + "/missing/file.sqlite") }
        #expect(error?.resultCode == .SQLITE_CANTOPEN)
        #expect(error?.message?.contains("No such file or directory") == true)
    }
}
#endif
