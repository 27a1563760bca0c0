internal import WebhookDelivery

/// An incremental parser for one HTTP/1.1 response, without I/O and clock.
///
/// The parser accepts bytes in pieces of any size. It is strict about the status and cautious about the next response:
/// an irregular field, body or end of body does not change the status, but prevents reuse of the connection.
package struct ResponseParser {
    /// The reason why bytes are not a response.
    package struct Invalid: Error {
        package let message: String
    }

    /// The maximum total length of the heads in bytes, including informational ones.
    package static let maximumHeadLength = 65_536

    /// The final head, once it is complete.
    package private(set) var head: ResponseHead?
    /// The beginning of the body, at most `WebhookResponse.maximumBodyLength` bytes.
    package private(set) var body: [UInt8] = []
    /// Whether ``body`` is the whole body.
    package private(set) var isBodyComplete = false
    /// Whether the parser needs no more bytes.
    package private(set) var isComplete = false
    /// Whether the connection can carry another request.
    package private(set) var isReusable = false

    private var framing = BodyFraming.untilClose
    /// Bytes of heads that are incomplete or not parsed yet.
    private var pending: [UInt8] = []
    /// The start of the current line.
    private var lineStart = 0
    /// The number of pending bytes that were scanned for the end of the head.
    private var scanned = 0
    private var headStart = 0
    /// Whether the connection has carried a response before; bytes before the next response then belong to that one.
    private let isReused: Bool
    private var skipped = 0
    private var isSpoiled = false

    /// Creates a parser for one response.
    ///
    /// - Parameter isReused: Whether the connection has carried a response before.
    package init(isReused: Bool = false) { self.isReused = isReused }

    /// Parses the next bytes.
    ///
    /// - Throws: ``Invalid`` before a head is complete; afterwards, the status is final.
    package mutating func receive(_ bytes: borrowing Span<UInt8>) throws(Invalid) {
        guard head == nil else { return receiveBody(bytes, from: 0) }
        let room = Self.maximumHeadLength + WebhookResponse.maximumBodyLength - pending.count
        pending.append(bytes.extracting(..<min(bytes.count, room)))
        guard try skipRest() else { return }
        while head == nil, let end = endOfHead() { try takeHead(upTo: end) }
        guard head != nil else {
            guard pending.count <= Self.maximumHeadLength else { throw Invalid(message: "The head is too large") }
            guard Self.mayBeginHead(pending[headStart...]) else {
                throw Invalid(message: "The server does not speak HTTP/1")
            }
            return
        }
        let received = pending
        pending = []
        receiveBody(received.span, from: headStart)
        if bytes.count > room { end(isReusable: false) }
    }

    /// Ends the response because the server closed the connection; a body without a length ends here.
    package mutating func receiveEnd() {
        if head != nil, !isComplete, framing.endsWithConnection { isBodyComplete = true }
        end(isReusable: false)
    }

    /// Resets the parser for the next response on the same connection.
    ///
    /// - Parameter isReused: Whether the connection has carried a response before.
    package mutating func reset(isReused: Bool) { self = ResponseParser(isReused: isReused) }

    // MARK: - Remainder of the previous response

    /// The length of an empty line, which some servers send after a body.
    private static let lineEnd = 2
    private static let beginning = Array("HTTP/1.".utf8)

    /// Returns whether bytes are at most an empty line after a response.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: Whether there is nothing else in the bytes.
    package static func isLineEnd(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard bytes.count <= lineEnd else { return false }
        for index in bytes.indices where !endsLines(bytes[index]) { return false }
        return true
    }

    private static func endsLines(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

    /// Skips late bytes of the previous response, such as a body after a 204 or an empty line (RFC 9112, section 6.3).
    ///
    /// - Returns: Whether the response has begun.
    private mutating func skipRest() throws(Invalid) -> Bool {
        guard isReused, headStart == 0, scanned == 0 else { return true }
        let start = pending.indices.first { Self.mayBeginHead(pending[$0...]) } ?? pending.endIndex
        skipped += start
        isSpoiled = isSpoiled || skipped > Self.lineEnd || !pending[..<start].allSatisfy(Self.endsLines)
        pending.removeFirst(start)
        guard skipped <= Self.maximumHeadLength else { throw Invalid(message: "The server sent excess bytes") }
        return pending.count >= Self.beginning.count
    }

    // MARK: - Heads

    /// Returns the end of the current head, after its first empty line, or `nil` if the head is incomplete.
    private mutating func endOfHead() -> Int? {
        while scanned < pending.count {
            defer { scanned += 1 }
            guard pending[scanned] == UInt8(ascii: "\n") else { continue }
            let length = scanned - lineStart
            let isEmpty = length == 0 || length == 1 && pending[lineStart] == UInt8(ascii: "\r")
            lineStart = scanned + 1
            if isEmpty { return lineStart }
        }
        return nil
    }

    private mutating func takeHead(upTo end: Int) throws(Invalid) {
        guard end <= Self.maximumHeadLength else { throw Invalid(message: "The head is too large") }
        let head = try ResponseHead(pending[headStart..<end])
        headStart = end
        guard (100...199).contains(head.status) else {
            framing = BodyFraming(of: head)
            self.head = head
            return
        }
        // The request asks for no other protocol, so a switch is invalid.
        guard head.status != 101 else {
            throw Invalid(message: "The server switched protocols unexpectedly")
        }
    }

    /// Returns whether bytes can begin a head; other protocols are detected by their first bytes, not by the deadline.
    private static func mayBeginHead(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, beginning).allSatisfy { $0 == $1 }
    }

    // MARK: - Body

    private mutating func receiveBody(_ bytes: borrowing Span<UInt8>, from start: Int) {
        var position = start
        while !isComplete {
            let wanted = framing.next(bytes, &position)
            switch wanted {
            case .data(let count):
                let room = WebhookResponse.maximumBodyLength - body.count
                body.append(bytes.extracting(position..<position + min(count, room)))
                position += count
                if count > room { return end(isReusable: false) }
            case .more: return
            case .end:
                isBodyComplete = framing.isCertain
                let keepsAlive = head?.keepsAlive ?? false
                // Bytes after the end answer no request.
                let rest = bytes.extracting(position..<bytes.count)
                return end(isReusable: keepsAlive && framing.isCertain && Self.isLineEnd(rest))
            case .broken: return end(isReusable: false)
            }
        }
    }

    private mutating func end(isReusable: Bool) {
        isComplete = true
        self.isReusable = isReusable && !isSpoiled
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ bytes: borrowing Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
