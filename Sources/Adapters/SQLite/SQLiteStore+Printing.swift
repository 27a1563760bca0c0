#if SQLite
internal import GRDB

extension SQLiteStore: CustomReflectable {
    /// The file; waiting commits hold secrets and bodies and are not shown.
    public var customMirror: Mirror { Mirror(self, children: ["path": database.path]) }
}
#endif
