internal import WebhookDelivery

/// Reads one HTTP/1.1 response from bytes that may come in any pieces: no I/O, no clock.
///
/// It is strict where the status is concerned, and cautious where the next response is: whatever is odd about a field, the
/// body or its end leaves the status as it is and the connection unfit for another request.
package struct ResponseParser {
    /// Why bytes are no response.
    package struct Invalid: Error {
        package let message: String
    }

    /// The most bytes of heads, the informational ones included.
    package static let maximumHeadLength = 65_536

    /// The final head, once it is complete.
    package private(set) var head: ResponseHead?
    /// The beginning of the body, at most `WebhookResponse.maximumBodyLength` bytes.
    package private(set) var body: [UInt8] = []
    /// Whether nothing more has to be read.
    package private(set) var isComplete = false
    /// Whether the response ended where the next one may begin.
    package private(set) var isReusable = false

    private var framing = BodyFraming.untilClose
    /// Bytes of heads that are not complete yet, or not read yet.
    private var pending: [UInt8] = []
    /// Where the line that is looked at begins, and how far it was looked at.
    private var lineStart = 0
    private var scanned = 0
    private var headStart = 0
    /// Whether the connection has carried a response before: bytes that begin no response are that one's rest.
    private let isReused: Bool
    private var skipped = 0
    private var isSpoiled = false

    /// Creates a parser for one response.
    ///
    /// - Parameter isReused: Whether the connection has carried a response before.
    package init(isReused: Bool = false) { self.isReused = isReused }

    /// Takes the next bytes.
    ///
    /// - Throws: ``Invalid`` before a head is complete; afterwards, nothing can spoil the status any more.
    package mutating func receive(_ bytes: borrowing Span<UInt8>) throws(Invalid) {
        guard head == nil else { return receiveBody(bytes, from: 0) }
        let room = Self.maximumHeadLength + WebhookResponse.maximumBodyLength - pending.count
        pending.append(bytes.extracting(..<min(bytes.count, room)))
        guard try skipRest() else { return }
        while head == nil, let end = endOfHead() { try takeHead(upTo: end) }
        guard head != nil else {
            guard pending.count <= Self.maximumHeadLength else { throw Invalid(message: "The head is too large") }
            guard Self.mayBeginHead(pending[headStart...]) else {
                throw Invalid(message: "The peer does not speak HTTP/1")
            }
            return
        }
        let received = pending
        pending = []
        receiveBody(received.span, from: headStart)
        if bytes.count > room { end(isReusable: false) }
    }

    /// The peer has closed; without a length, that is the end of the body.
    package mutating func receiveEnd() { end(isReusable: false) }

    /// Makes the parser new, for the next response on the same connection.
    ///
    /// - Parameter isReused: Whether the connection has carried a response before.
    package mutating func reset(isReused: Bool) { self = ResponseParser(isReused: isReused) }

    // MARK: - The rest of the response before

    /// The length of an empty line, which some servers send behind a body.
    private static let lineEnd = 2
    private static let beginning = Array("HTTP/1.".utf8)

    /// Whether bytes are no more than an empty line behind a response.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: Whether they are.
    package static func isLineEnd(_ bytes: borrowing Span<UInt8>) -> Bool {
        guard bytes.count <= lineEnd else { return false }
        for index in bytes.indices where !endsLines(bytes[index]) { return false }
        return true
    }

    private static func endsLines(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

    /// Skips what came too late to be told apart: a body behind a 204, or an empty line (RFC 9112, section 6.3).
    ///
    /// - Returns: Whether the response has begun.
    private mutating func skipRest() throws(Invalid) -> Bool {
        guard isReused, headStart == 0, scanned == 0 else { return true }
        let start = pending.indices.first { Self.mayBeginHead(pending[$0...]) } ?? pending.endIndex
        skipped += start
        isSpoiled = isSpoiled || skipped > Self.lineEnd || !pending[..<start].allSatisfy(Self.endsLines)
        pending.removeFirst(start)
        guard skipped <= Self.maximumHeadLength else { throw Invalid(message: "The peer sends bytes without end") }
        return pending.count >= Self.beginning.count
    }

    // MARK: - Heads

    /// Where the head that is being read ends: behind its first empty line.
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
        // Nobody asked for another protocol, so there can be none to switch to.
        guard head.status != 101 else {
            throw Invalid(message: "The peer switches to a protocol that nobody asked for")
        }
    }

    /// What is no HTTP is told by its first bytes, not by the deadline.
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
                let keepsAlive = head?.keepsAlive ?? false
                // Bytes behind the end are an answer to nothing.
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
