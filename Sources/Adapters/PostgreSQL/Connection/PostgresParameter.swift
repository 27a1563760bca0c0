#if PostgreSQL
internal import WebhookEvents

/// A parameter of a statement in PostgreSQL's binary format, with its type.
struct PostgresParameter {
    /// The identifiers of the types that we use, from the catalogue `pg_type`; they never change.
    enum ValueType: UInt32 {
        case bool = 16
        case bytes = 17
        case integer = 20
        case text = 25
        case double = 701
        case time = 1184

        var array: UInt32 {
            switch self {
            case .bool: 1000
            case .bytes: 1001
            case .text: 1009
            case .integer: 1016
            case .double: 1022
            case .time: 1185
            }
        }
    }

    let type: UInt32
    /// The value; `nil` is NULL.
    let value: [UInt8]?

    private init(_ type: ValueType, _ value: [UInt8]?) {
        self.type = type.rawValue
        self.value = value
    }

    static func text(_ value: String?) -> PostgresParameter { Self(.text, value.map { Array($0.utf8) }) }
    static func bytes(_ value: [UInt8]?) -> PostgresParameter { Self(.bytes, value) }
    static func integer(_ value: Int64?) -> PostgresParameter { Self(.integer, value?.bigEndianBytes) }
    static func integer(_ value: Int) -> PostgresParameter { integer(Int64(value)) }
    static func double(_ value: Double) -> PostgresParameter {
        Self(.double, Int64(bitPattern: value.bitPattern).bigEndianBytes)
    }
    static func bool(_ value: Bool) -> PostgresParameter { Self(.bool, [value ? 1 : 0]) }
    static func time(_ value: Timestamp?) -> PostgresParameter { Self(.time, value?.postgres.bigEndianBytes) }

    // MARK: - Arrays: one parameter for a column of many rows

    private init(_ type: ValueType, elements: [[UInt8]?]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        let hasNull = elements.contains { $0 == nil }
        bytes += Int32(elements.isEmpty ? 0 : 1).bigEndianBytes
        bytes += Int32(hasNull ? 1 : 0).bigEndianBytes
        bytes += Int32(bitPattern: type.rawValue).bigEndianBytes
        if !elements.isEmpty { bytes += Int32(clamping: elements.count).bigEndianBytes + Int32(1).bigEndianBytes }
        for element in elements {
            bytes += Int32(clamping: element?.count ?? -1).bigEndianBytes
            if let element { bytes += element }
        }
        self.type = type.array
        self.value = bytes
    }

    static func texts(_ values: some Sequence<String?>) -> PostgresParameter {
        Self(.text, elements: values.map { $0.map { Array($0.utf8) } })
    }
    static func bytesArray(_ values: some Sequence<[UInt8]?>) -> PostgresParameter {
        Self(.bytes, elements: Array(values))
    }
    static func integers(_ values: some Sequence<Int64?>) -> PostgresParameter {
        Self(.integer, elements: values.map(\.?.bigEndianBytes))
    }
    static func bools(_ values: some Sequence<Bool>) -> PostgresParameter {
        Self(.bool, elements: values.map { [$0 ? 1 : 0] })
    }
    static func times(_ values: some Sequence<Timestamp?>) -> PostgresParameter {
        Self(.time, elements: values.map(\.?.postgres.bigEndianBytes))
    }
}

extension FixedWidthInteger {
    /// The number as bytes in big-endian order.
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<(Self.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
    }
}

extension Timestamp {
    /// Microseconds from 1970 to 2000, the start of PostgreSQL's time.
    private static let epoch: Int64 = 946_684_800_000_000
    /// The range of a `timestamptz`: from 4714 BC to 294276 AD.
    private static let range: ClosedRange<Int64> = -211_813_488_000_000_000...9_223_371_331_199_999_999

    /// The moment in PostgreSQL's format, clamped to its range.
    fileprivate var postgres: Int64 {
        let (value, overflow) = microseconds.subtractingReportingOverflow(Self.epoch)
        return min(max(overflow ? .min : value, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Creates a moment from PostgreSQL's format.
    init(postgres value: Int64) {
        let (sum, overflow) = value.addingReportingOverflow(Self.epoch)
        self.init(microseconds: overflow ? .max : sum)
    }
}
#endif
