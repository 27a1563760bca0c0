extension EndpointPolicy {
    /// Host names that resolve only inside a private network: names of one label, and names with certain endings.
    public struct LocalNames: Sendable, Hashable {
        private let endings: Set<String>

        /// Creates a list of local names.
        ///
        /// - Parameter endings: Whole labels at the end of a name, such as `local` or `home.arpa`.
        public init(endings: some Sequence<String>) {
            self.endings = Set(endings.map(HostName.normalized))
        }

        /// The special-use names of the internet, and common names of private networks.
        ///
        /// Sources: RFC 6761 (`localhost`, `test`, `invalid`), 6762 (`local` and appendix G), 7686 (`onion`), 8375
        /// (`home.arpa`), 9476 (`alt`), ICANN's reservation of `internal`, and the names that Kubernetes and Consul use.
        public static let standard = EndpointPolicy.LocalNames(endings: [
            "localhost", "local", "internal", "localdomain", "test", "invalid", "onion", "alt", "home.arpa", "lan",
            "home",
            "corp", "intranet", "private", "svc", "consul",
        ])

        /// Returns the list with additional endings.
        ///
        /// - Parameter endings: Whole labels at the end of a name.
        /// - Returns: The extended list.
        public func adding(_ endings: String...) -> EndpointPolicy.LocalNames {
            EndpointPolicy.LocalNames(endings: self.endings.union(endings))
        }

        /// Returns whether a name is local.
        ///
        /// - Parameter name: A well-formed name in lower case, without a trailing dot.
        /// - Returns: Whether the name has one label or a listed ending.
        public func contains(_ name: String) -> Bool {
            var ending = name[...]
            while !endings.contains(String(ending)) {
                guard let dot = ending.utf8.firstIndex(of: UInt8(ascii: ".")) else {
                    // Only the last label is left. A name of one label is always local.
                    return ending.startIndex == name.startIndex
                }
                ending = ending[ending.utf8.index(after: dot)...]
            }
            return true
        }
    }
}
