public import WebhookEvents

/// Reads a row of a query column by column, in the order of the statement.
///
/// The stores conform their rows to it, so that `Delivery`, `Webhook` and `Attempt` are decoded in one place.
public protocol RowReader {
    /// Reads a text.
    mutating func text() throws -> String
    /// Reads a text or `NULL`.
    mutating func optionalText() throws -> String?
    /// Reads bytes.
    mutating func bytes() throws -> [UInt8]
    /// Reads bytes or `NULL`.
    mutating func optionalBytes() throws -> [UInt8]?
    /// Reads an integer.
    mutating func integer() throws -> Int64
    /// Reads an integer or `NULL`.
    mutating func optionalInteger() throws -> Int64?
    /// Reads a Boolean value.
    mutating func bool() throws -> Bool
    /// Reads a floating-point number.
    mutating func double() throws -> Double
    /// Reads a time.
    mutating func time() throws -> Timestamp
    /// Reads a time or `NULL`.
    mutating func optionalTime() throws -> Timestamp?
}

extension RowReader {
    /// Reads an integer, clamped to the range of `Int`.
    public mutating func int() throws -> Int { Int(clamping: try integer()) }

    /// Reads a duration, stored in microseconds.
    public mutating func span() throws -> Duration { .microseconds(try integer()) }
}

/// A row that this version of the library cannot read.
public struct UnreadableRow: Error, CustomStringConvertible {
    /// The table.
    public let table: String
    /// The row's identifier.
    public let id: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - id: The row's identifier.
    public init(table: String, id: String) {
        self.table = table
        self.id = id
    }

    /// What is wrong.
    public var description: String {
        "The row \(id) of \(table) is unreadable; it was changed by hand or by a later version"
    }
}

/// The names of columns in the order in which they are read.
public struct ColumnList: Sendable, CustomStringConvertible {
    /// The names.
    public let names: [String]

    init(_ names: String...) { self.names = names }

    /// The names, separated by commas.
    public var description: String { names.joined(separator: ", ") }

    /// Returns the names, qualified with a table's name.
    ///
    /// - Parameter table: The table's name or alias.
    /// - Returns: The names, separated by commas.
    public func qualified(_ table: String) -> String { names.map { "\(table).\($0)" }.joined(separator: ", ") }
}
