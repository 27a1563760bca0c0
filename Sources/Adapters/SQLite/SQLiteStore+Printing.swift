#if SQLite
internal import GRDB

extension SQLiteStore: CustomReflectable {
    /// Shows the path only: waiting commits contain secrets and bodies.
    public var customMirror: Mirror { Mirror(self, children: ["path": database.path]) }
}
#endif
