#if HTTPTransport || AsyncHTTPClient

/// The domain whose names share look-up slots.
///
/// Without a list of public suffixes, the domain is an estimate: the last two labels, or three if the last two look
/// like a public suffix such as `co.uk`. If the estimate is too wide, unrelated owners share slots; if it is too
/// narrow, one owner gets more shares. In both cases, no holder can take all slots.
package enum ParentDomain {
    private static let secondLevels: Set<Substring> = [
        "ac", "co", "com", "edu", "gob", "gov", "gv", "id", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
    ]

    /// Returns the parent domain of a name.
    ///
    /// - Parameter name: The name, in lower case and without a trailing dot.
    /// - Returns: The last labels, or the whole name if it has no more.
    package static func of(_ name: String) -> String {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 2 else { return name }
        let (last, second) = (labels[labels.count - 1], labels[labels.count - 2])
        let isSuffix = last.utf8.count == 2 && secondLevels.contains(second)
        return labels.suffix(isSuffix ? 3 : 2).joined(separator: ".")
    }
}
#endif
