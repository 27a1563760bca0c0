/// A part of a header between separators.
struct SignatureAtom {
    let text: String
    /// The index of the field that contains the part.
    let field: Int
    /// The separators before the part, back to the previous part or the start of the field.
    let before: String
    /// The separators after the part.
    private(set) var after = ""

    static func isJunk(_ character: Character) -> Bool { "\"';".contains(character) }

    private static func isSeparator(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "," || isJunk(character)
    }

    static func all(in values: [String]) -> [SignatureAtom] {
        var atoms: [SignatureAtom] = []
        for (field, value) in values.enumerated() {
            let begin = atoms.count
            var rest = value[...]
            while true {
                let separators = rest.prefix(while: isSeparator)
                rest = rest.dropFirst(separators.count)
                if atoms.count > begin { atoms[atoms.count - 1].after = String(separators) }
                guard !rest.isEmpty else { break }
                let text = rest.prefix { !isSeparator($0) }
                atoms.append(SignatureAtom(text: String(text), field: field, before: String(separators)))
                rest = rest.dropFirst(text.count)
            }
        }
        return atoms
    }
}
