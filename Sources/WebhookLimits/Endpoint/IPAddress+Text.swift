extension IPAddress {
    /// The address as text: dotted decimal, or the canonical form of RFC 5952 for IPv6.
    public var description: String {
        switch family {
        case .v4: (0..<4).reversed().map { String(value >> UInt128($0 * 8) & 255) }.joined(separator: ".")
        case .v6: Self.text(of: (0..<8).reversed().map { UInt16(truncatingIfNeeded: value >> UInt128($0 * 16)) })
        }
    }

    /// Formats eight groups in lower-case hexadecimal, with `::` for the first of the longest runs of two or more
    /// zeros.
    private static func text(of groups: [UInt16]) -> String {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(1, longest.count) { longest = start..<index }
            start = index + 1
        }
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return joined(groups[...]) }
        return joined(groups[..<longest.lowerBound]) + "::" + joined(groups[longest.upperBound...])
    }
}
