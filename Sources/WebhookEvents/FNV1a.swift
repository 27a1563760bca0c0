/// The 64-bit FNV-1a hash (draft-eastlake-fnv, section 2): the same value on every machine and in every process.
///
/// It distinguishes identifiers of this library. It is no protection against chosen input.
package struct FNV1a: Sendable, Hashable {
    /// The hash of what was added.
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Creates the hash of nothing.
    package init() {}

    /// Creates the hash of a text's UTF-8 bytes.
    package init(_ text: String) { for byte in text.utf8 { add(UInt64(byte)) } }

    /// Adds a byte, or a larger number in one step.
    package mutating func add(_ byte: UInt64) { value = (value ^ byte) &* 0x100_0000_01B3 }
}
