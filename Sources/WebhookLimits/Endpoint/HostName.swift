/// The rules for host names: letters, digits and inner hyphens between dots (RFC 1123), and labels that stand for other
/// scripts as IDNA 2008 has them (RFC 5890).
enum HostName {
    /// The name in lower case, without a trailing dot.
    static func normalized(_ name: String) -> String {
        (name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name).lowercased()
    }

    /// Whether a URL can have a name as its host, be it well-formed or not: an operator may list names with underscores.
    static func canBeListed(_ name: String) -> Bool {
        let labels = labels(of: name)
        let isPlain = labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || [0x2D, 0x5F].contains($0) }
        }
        return isPlain && name.utf8.count <= 253 && !isReadAsNumber(name)
    }

    /// Whether a name in lower case, without a trailing dot, is well-formed.
    static func isWellFormed(_ name: String) -> Bool {
        name.utf8.count <= 253 && labels(of: name).allSatisfy(isLabel)
    }

    /// Whether every label of a well-formed name that stands for another script is one that IDNA 2008 has.
    static func hasRealLabels(_ name: String) -> Bool {
        let labels = labels(of: name)
        let ascii = labels.filter { !$0.starts(with: InternationalLabel.prefix) }
        let international = labels.filter { $0.starts(with: InternationalLabel.prefix) }.map(InternationalLabel.init)
        guard !international.contains(where: { $0 == nil }) else { return false }
        guard international.contains(where: { $0?.isRightToLeft == true }) else { return true }
        // In a bidirectional name, a label that begins with a digit would be shown in another place (RFC 5893, section 2).
        return international.allSatisfy { $0?.meetsBidiRule == true }
            && !ascii.contains { $0.first.map(isDigit) ?? true }
    }

    /// Whether some reader takes a name for an address: its last label is a number, decimal or hexadecimal.
    static func isReadAsNumber(_ name: String) -> Bool {
        guard let last = labels(of: name).last, !last.isEmpty else { return false }
        return last.starts(with: "0x".utf8) || last.allSatisfy(isDigit)
    }

    private static func labels(of name: String) -> [Substring.UTF8View] {
        name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    /// Letters, digits and inner hyphens, 1 to 63 of them.
    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || $0 == hyphen }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
