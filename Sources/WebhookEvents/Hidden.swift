/// A placeholder for a hidden value when its owner is printed, dumped or reflected.
///
/// Types that hold secrets, bodies or header values expose placeholders to reflection instead of the values. `print`,
/// `debugPrint`, `dump` and string interpolation all use reflection, so one conformance covers them.
package struct Hidden: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text to print.
    package let description: String

    /// A placeholder that shows nothing of the value.
    package static let value = Hidden(description: "‹hidden›")

    /// Returns a placeholder that shows only the number of bytes.
    package static func bytes(_ count: Int) -> Hidden { Hidden(description: "‹\(count) bytes›") }

    /// Returns a placeholder that shows a text, without quotation marks.
    package static func shown(_ text: String) -> Hidden { Hidden(description: text) }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
