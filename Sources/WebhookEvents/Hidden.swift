/// What stands for a hidden value when its owner is printed, dumped or reflected.
///
/// Types that hold secrets, bodies or header values give reflection these in place of the values. Reflection feeds `print`,
/// `debugPrint`, `dump` and string interpolation, so that one conformance covers all of them.
package struct Hidden: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is printed.
    package let description: String

    /// A value of which nothing is shown.
    package static let value = Hidden(description: "‹hidden›")

    /// Bytes of which the count is shown.
    package static func bytes(_ count: Int) -> Hidden { Hidden(description: "‹\(count) bytes›") }

    /// A text that may be shown, without quotation marks.
    package static func shown(_ text: String) -> Hidden { Hidden(description: text) }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
