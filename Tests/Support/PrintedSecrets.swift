/// The error when a value prints a secret that it must hide.
public struct PrintedSecret: Error, CustomStringConvertible {
    /// The type, the kind of output, and the form in which the secret appeared.
    public let description: String
}

/// Verifies that no form of printing a value shows a secret.
///
/// The forms of printing are string interpolation, `debugPrint`, `dump`, the text of an error, and reflection of all
/// descendants. A secret is found as text, as hexadecimal digits, as base64, and as the decimal values of its bytes.
///
/// To cover another type, add a value that holds the canary to a table: `CanaryTests` for the core, and one in the
/// tests of each adapter.
///
/// - Parameters:
///   - canary: The secret, with at least six ASCII letters and digits that occur nowhere else.
///   - value: The value that holds the secret.
/// - Throws: ``PrintedSecret`` when the secret is shown.
public func assertNeverPrints(_ canary: String, _ value: Any) throws {
    var dumped = ""
    dump(value, to: &dumped)
    var texts = [
        ("String(describing:)", String(describing: value)), ("String(reflecting:)", String(reflecting: value)),
        ("interpolation in an array", "\([value])"), ("dump", dumped),
    ]
    if let error = value as? any Error { texts.append(("the error's text", "\(error)")) }
    for (way, text) in texts { try check(text, for: canary, of: value, by: way) }
    var seen: Set<ObjectIdentifier> = []
    try checkChildren(of: value, for: canary, in: value, path: "", &seen)
}

private func check(_ text: String, for canary: String, of value: Any, by way: String) throws {
    let bytes = Array(canary.utf8)
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    // The numbers in the text, in order, whatever separates them.
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.joined(separator: ",")
    let forms = [
        ("text", text.contains(canary)), ("hexadecimal digits", text.lowercased().contains(hex)),
        ("base64", base64(of: bytes).contains(where: text.contains)),
        ("byte values", ",\(numbers),".contains(",\(bytes.map(String.init).joined(separator: ",")),")),
    ]
    for (form, isShown) in forms where isShown {
        throw PrintedSecret(description: "\(type(of: value)) shows the canary in \(way), as \(form)")
    }
}

private func checkChildren(
    of child: Any, for canary: String, in value: Any, path: String, _ seen: inout Set<ObjectIdentifier>
) throws {
    if type(of: child) is AnyClass, !seen.insert(ObjectIdentifier(child as AnyObject)).inserted { return }
    if let bytes = child as? any Sequence<UInt8> {
        try check(Array(bytes).map(String.init).joined(separator: ","), for: canary, of: value, by: "mirror\(path)")
    }
    if let text = child as? any StringProtocol {
        try check(String(text), for: canary, of: value, by: "mirror\(path)")
    }
    for (label, next) in Mirror(reflecting: child).children {
        try check(label ?? "", for: canary, of: value, by: "a label of mirror\(path)")
        try checkChildren(of: next, for: canary, in: value, path: "\(path).\(label ?? "_")", &seen)
    }
    var ancestor = Mirror(reflecting: child).superclassMirror
    while let mirror = ancestor {
        for (label, next) in mirror.children {
            try checkChildren(of: next, for: canary, in: value, path: "\(path).super.\(label ?? "_")", &seen)
        }
        ancestor = mirror.superclassMirror
    }
}

/// Returns the base64 of the bytes at each of the three possible offsets in a longer text, without the digits that
/// depend on the bytes around them.
private func base64(of bytes: [UInt8]) -> [String] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return (0..<3).map { shift in
        let bits = (Array(repeating: 0, count: shift) + bytes).flatMap { byte in
            (0..<8).map { (byte >> (7 - UInt8($0))) & 1 }
        }
        let digits = stride(from: 0, to: bits.count - bits.count % 6, by: 6).map { start in
            alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }]
        }
        return String(digits.dropFirst((shift * 8 + 5) / 6))
    }
}
