/// The rules for host names: letters, digits and inner hyphens between dots (RFC 1123), and internationalized labels
/// (IDNA 2008, RFC 5890).
enum HostName {
    /// Returns the name in lower case, without a trailing dot.
    static func normalized(_ name: String) -> String {
        (name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name).lowercased()
    }

    /// Returns whether an operator can list a name; unlike a well-formed name, it may contain underscores.
    static func canBeListed(_ name: String) -> Bool {
        let labels = labels(of: name)
        let isPlain = labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || [0x2D, 0x5F].contains($0) }
        }
        return isPlain && name.utf8.count <= 253 && !isReadAsNumber(name)
    }

    /// Returns whether a name in lower case, without a trailing dot, is well-formed.
    static func isWellFormed(_ name: String) -> Bool {
        name.utf8.count <= 253 && labels(of: name).allSatisfy(isLabel)
    }

    /// Returns whether every internationalized label of a well-formed name is valid in IDNA 2008.
    static func hasRealLabels(_ name: String) -> Bool {
        let labels = labels(of: name)
        let ascii = labels.filter { !$0.starts(with: InternationalLabel.prefix) }
        let international = labels.filter { $0.starts(with: InternationalLabel.prefix) }.map(InternationalLabel.init)
        guard !international.contains(where: { $0 == nil }) else { return false }
        guard international.contains(where: { $0?.isRightToLeft == true }) else { return true }
        // In a bidirectional name, a label that begins with a digit would be displayed out of order (RFC 5893, section
        // 2).
        return international.allSatisfy { $0?.meetsBidiRule == true }
            && !ascii.contains { $0.first.map(isDigit) ?? true }
    }

    /// Returns whether some parsers read a name as an address: its last label is a decimal or hexadecimal number.
    static func isReadAsNumber(_ name: String) -> Bool {
        guard let last = labels(of: name).last, !last.isEmpty else { return false }
        return last.starts(with: "0x".utf8) || last.allSatisfy(isDigit)
    }

    private static func labels(of name: String) -> [Substring.UTF8View] {
        name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    /// Returns whether a label consists of 1 to 63 letters, digits and inner hyphens.
    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || $0 == hyphen }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
