/// The words of the command line.
struct Arguments {
    private var words: [String]

    init(_ words: some Sequence<String>) { self.words = Array(words) }

    mutating func next(_ what: String) throws(Usage) -> String {
        guard !words.isEmpty else { throw Usage("\(what) is missing") }
        return words.removeFirst()
    }

    /// Removes and returns the value after a name such as `--rate`.
    mutating func option(_ name: String) -> String? {
        guard let place = words.firstIndex(of: name), place + 1 < words.count else { return nil }
        defer { words.removeSubrange(place...(place + 1)) }
        return words[place + 1]
    }

    mutating func number(_ name: String, or standard: Int) -> Int { option(name).flatMap { Int($0) } ?? standard }
}

/// The command line is invalid.
struct Usage: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
