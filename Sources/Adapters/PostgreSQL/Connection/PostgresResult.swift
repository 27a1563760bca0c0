#if PostgreSQL
internal import CLibPQ
internal import WebhookEvents

/// The rows that a statement returned, in binary format.
@safe final class PostgresResult {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQclear(handle) }

    /// The number of rows.
    var count: Int { unsafe Int(PQntuples(handle)) }

    /// The rows.
    var rows: some Sequence<PostgresRow> { (0..<count).lazy.map { PostgresRow(self, Int32($0)) } }

    /// The first row, if there is one.
    var first: PostgresRow? { count > 0 ? PostgresRow(self, 0) : nil }

    fileprivate func value(_ row: Int32, _ column: Int32) throws(PostgresError) -> UnsafeBufferPointer<UInt8>? {
        guard column < (unsafe PQnfields(handle)) else {
            throw PostgresError(
                .unexpectedReply, "A row has fewer columns than expected",
                hint: "The tables do not match this version of the library.")
        }
        if unsafe PQgetisnull(handle, row, column) == 1 { return nil }
        let count = unsafe Int(PQgetlength(handle, row, column))
        guard let start = unsafe PQgetvalue(handle, row, column) else { return nil }
        return unsafe UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
    }
}

/// One row, read column by column in the order of the statement.
struct PostgresRow {
    private let result: PostgresResult
    private let row: Int32
    private var column: Int32 = 0

    init(_ result: PostgresResult, _ row: Int32) {
        self.result = result
        self.row = row
    }

    private mutating func next<Value>(
        _ read: (UnsafeBufferPointer<UInt8>) -> Value?
    ) throws(PostgresError) -> Value? {
        defer { column += 1 }
        guard let bytes = unsafe try result.value(row, column) else { return nil }
        guard let value = unsafe read(bytes) else { throw .mistyped(column) }
        return value
    }

    private mutating func required<Value>(_ value: Value?) throws(PostgresError) -> Value {
        guard let value else { throw .mistyped(column - 1) }
        return value
    }

    mutating func text() throws(PostgresError) -> String { try required(optionalText()) }
    mutating func optionalText() throws(PostgresError) -> String? {
        unsafe try next { unsafe String(decoding: $0, as: UTF8.self) }
    }

    mutating func bytes() throws(PostgresError) -> [UInt8] { try required(optionalBytes()) }
    mutating func optionalBytes() throws(PostgresError) -> [UInt8]? { unsafe try next { unsafe Array($0) } }

    mutating func integer() throws(PostgresError) -> Int64 { try required(optionalInteger()) }
    mutating func optionalInteger() throws(PostgresError) -> Int64? {
        try unsafe next { bytes in
            guard bytes.count == 8 else { return nil }
            return Int64(bitPattern: unsafe bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
    }

    mutating func bool() throws(PostgresError) -> Bool {
        unsafe try required(next { bytes in unsafe bytes.count == 1 ? bytes[0] != 0 : nil })
    }

    mutating func double() throws(PostgresError) -> Double { Double(bitPattern: UInt64(bitPattern: try integer())) }

    mutating func time() throws(PostgresError) -> Timestamp { Timestamp(postgres: try integer()) }
    mutating func optionalTime() throws(PostgresError) -> Timestamp? {
        try optionalInteger().map { Timestamp(postgres: $0) }
    }
}

extension PostgresError {
    fileprivate static func mistyped(_ column: Int32) -> PostgresError {
        PostgresError(
            .unexpectedReply, "Column \(column) has an unexpected type, or is NULL",
            hint: "The tables do not match this version of the library.")
    }
}
#endif
