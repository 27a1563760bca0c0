#if SQLite
internal import GRDB
internal import GRDBSQLite
internal import WebhookEvents
internal import WebhookStoreKit

// Statements of the delivery path call SQLite's C interface directly: GRDB builds a dictionary of column names per
// cursor and boxes each parameter, which together cost more than the statements.

/// A value that can be bound to a statement's parameter.
protocol SQLBindable {
    /// Binds the value to a parameter.
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32
}

/// Tells SQLite to copy the bound value.
private var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

extension Int64: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, place, self)
    }
}

extension Int: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, place, Int64(self))
    }
}

extension Bool: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, place, self ? 1 : 0)
    }
}

extension String: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                // An empty string has no base address, and binding a null pointer would bind NULL.
                guard let start = bytes.baseAddress else {
                    return unsafe sqlite3_bind_text(statement, place, "", 0, nil)
                }
                return unsafe sqlite3_bind_text(statement, place, start, Int32(clamping: bytes.count), transient)
            }
        }
    }
}

extension [UInt8]: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        unsafe withUnsafeBytes { bytes in
            guard !self.isEmpty, let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_zeroblob(statement, place, 0)
            }
            return unsafe sqlite3_bind_blob(statement, place, start, Int32(clamping: bytes.count), transient)
        }
    }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        switch self {
        case .some(let value): unsafe value.bind(to: statement, at: place)
        case nil: unsafe sqlite3_bind_null(statement, place)
        }
    }
}

extension Database {
    /// Runs a statement that returns no rows.
    func run<each Value: SQLBindable>(_ sql: String, _ values: repeat each Value) throws {
        try each(sql, repeat each values) { _ in }
    }

    /// Runs a statement and reads its rows one by one.
    func each<each Value: SQLBindable>(
        _ sql: String, _ values: repeat each Value, reading body: (inout Columns) throws -> Void
    ) throws {
        let handle = unsafe try cachedStatement(sql: sql).sqliteStatement
        var place: Int32 = 0
        for value in repeat each values {
            place += 1
            guard unsafe value.bind(to: handle, at: place) == SQLITE_OK else { throw failure(sql) }
        }
        unsafe try step(handle, sql, body)
    }

    /// Runs a dynamically built statement and reads its rows one by one.
    func each(_ sql: String, list values: [any SQLBindable], reading body: (inout Columns) throws -> Void) throws {
        let handle = unsafe try cachedStatement(sql: sql).sqliteStatement
        for (place, value) in values.enumerated() {
            guard unsafe value.bind(to: handle, at: Int32(place + 1)) == SQLITE_OK else { throw failure(sql) }
        }
        unsafe try step(handle, sql, body)
    }

    private func step(_ handle: OpaquePointer, _ sql: String, _ body: (inout Columns) throws -> Void) throws {
        defer { unsafe sqlite3_reset(handle) }
        while true {
            switch unsafe sqlite3_step(handle) {
            case SQLITE_ROW:
                var columns = unsafe Columns(handle)
                try body(&columns)
            case SQLITE_DONE: return
            default: throw failure(sql)
            }
        }
    }

    /// Reads one row, if there is one.
    func first<each Value: SQLBindable, Result>(
        _ sql: String, _ values: repeat each Value, reading body: (inout Columns) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try each(sql, repeat each values) { columns in if result == nil { result = try body(&columns) } }
        return result
    }

    private func failure(_ sql: String) -> DatabaseError {
        let code = unsafe ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection))
        return DatabaseError(resultCode: code, message: lastErrorMessage, sql: sql)
    }
}

/// Reads a row column by column, in the order of the statement; valid only while the statement is on that row.
@safe struct Columns: RowReader {
    private let statement: OpaquePointer
    private var index: Int32 = 0

    fileprivate init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    private mutating func place() -> Int32 {
        defer { index += 1 }
        return index
    }

    mutating func integer() -> Int64 { unsafe sqlite3_column_int64(statement, place()) }
    // No `throws`, unlike the protocol's: SQLite converts every value.
    mutating func int() -> Int { Int(integer()) }
    mutating func bool() -> Bool { integer() != 0 }
    mutating func double() -> Double { unsafe sqlite3_column_double(statement, place()) }
    mutating func time() -> Timestamp { Timestamp(microseconds: integer()) }
    mutating func span() -> Duration { .microseconds(integer()) }

    mutating func optionalInteger() -> Int64? {
        let isNull = unsafe sqlite3_column_type(statement, index) == SQLITE_NULL
        let value = integer()
        return isNull ? nil : value
    }

    mutating func optionalTime() -> Timestamp? { optionalInteger().map { Timestamp(microseconds: $0) } }

    mutating func text() -> String { optionalText() ?? "" }

    mutating func optionalText() -> String? {
        let place = place()
        guard let start = unsafe sqlite3_column_text(statement, place) else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(statement, place))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    mutating func optionalBytes() -> [UInt8]? {
        if unsafe sqlite3_column_type(statement, index) == SQLITE_NULL {
            _ = place()
            return nil
        }
        return bytes()
    }

    mutating func bytes() -> [UInt8] {
        let place = place()
        guard let start = unsafe sqlite3_column_blob(statement, place) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(statement, place))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
#endif
