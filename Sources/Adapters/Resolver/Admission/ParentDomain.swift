#if HTTPTransport || AsyncHTTPClient

/// The domain that look-ups of its names share places with.
///
/// Without a list of public suffixes it is an estimate: the last two labels, or three where the last two look like a suffix
/// under which names are sold, as `co.uk` does. An estimate that is too wide makes strangers share; one that is too narrow
/// gives a domain's owner more shares. Neither lets one holder take everything.
package enum ParentDomain {
    private static let secondLevels: Set<Substring> = [
        "ac", "co", "com", "edu", "gob", "gov", "gv", "id", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
    ]

    /// The parent domain of a name.
    ///
    /// - Parameter name: The name, in lower case and without a trailing dot.
    /// - Returns: The last labels; the name itself when it has no more.
    package static func of(_ name: String) -> String {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 2 else { return name }
        let (last, second) = (labels[labels.count - 1], labels[labels.count - 2])
        let isSuffix = last.utf8.count == 2 && secondLevels.contains(second)
        return labels.suffix(isSuffix ? 3 : 2).joined(separator: ".")
    }
}
#endif
