internal import WebhookPayload

/// The framing of a response's body, which decides where the body ends (RFC 9112, section 6.3).
enum BodyFraming {
    /// The response has no body; an announced one may still arrive where the next response should begin.
    case none(isAnnounced: Bool)
    case length(Int)
    case chunked(ChunkedBody)
    /// The body ends when the connection closes.
    case untilClose
    /// The head contradicts itself; only the bytes that arrived with the head are read.
    case unclear

    /// The element at a position in the received bytes.
    enum Next {
        /// The given number of body bytes, starting at the position.
        case data(Int)
        /// More bytes are needed.
        case more
        /// The end of the body.
        case end
        /// Malformed bytes.
        case broken
    }

    /// Derives the framing from the head.
    init(of head: ResponseHead) {
        let lengths = head.fields.list("Content-Length")
        let encodings = head.fields.list("Transfer-Encoding")
        switch (lengths.first, encodings.first) {
        case _ where head.status == 204 || head.status == 304:
            self = .none(isAnnounced: lengths.contains { Self.length($0) != 0 } || !encodings.isEmpty)
        case (nil, nil): self = head.fields.list("Connection").contains("keep-alive") ? .unclear : .untilClose
        case (let value?, nil) where lengths.allSatisfy { $0 == value }:
            // A repeated identical length may be treated as one (RFC 9110, section 8.6).
            self = Self.length(value).map { .length($0) } ?? .unclear
        case (nil, "chunked") where encodings.count == 1 && head.isCurrentVersion: self = .chunked(ChunkedBody())
        default: self = .unclear
        }
    }

    /// Whether the next response can begin where the body ends.
    var isCertain: Bool {
        switch self {
        case .none(let isAnnounced): !isAnnounced
        case .length, .chunked: true
        case .untilClose, .unclear: false
        }
    }

    /// Whether a body ends where the server closes the connection.
    var endsWithConnection: Bool { if case .untilClose = self { true } else { false } }

    /// Returns the next element, and advances the position past bytes that are not part of the body.
    mutating func next(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> Next {
        switch self {
        case .none, .length(0): return .end
        case .unclear: return position < bytes.count ? .data(bytes.count - position) : .end
        case .length(let left):
            let count = min(left, bytes.count - position)
            guard count > 0 else { return .more }
            self = .length(left - count)
            return .data(count)
        case .chunked(var body):
            // Moves the value out and back, to keep it uniquely owned.
            self = .unclear
            defer { self = .chunked(body) }
            return body.next(bytes, &position)
        case .untilClose: return position < bytes.count ? .data(bytes.count - position) : .more
        }
    }

    /// Parses a length of up to 18 digits, which is enough for any body of interest.
    private static func length(_ value: String) -> Int? {
        (1...18).contains(value.utf8.count) && value.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(value) : nil
    }
}

/// A parser for the chunked transfer coding (RFC 9112, section 7.1) that limits the overhead between the data.
struct ChunkedBody {
    private enum State {
        case size(UInt64, digits: Int)
        case sizeExtension
        case data(UInt64)
        case dataEnd
        case trailer(isLineEmpty: Bool)
        case ended
        case broken
    }

    /// The maximum total length of sizes, extensions and trailers, in bytes; the caller limits the data.
    private static let maximumOverhead = 16_384

    private var state = State.size(0, digits: 0)
    private var size: UInt64 = 0
    private var overhead = 0
    /// Whether the previous byte was a carriage return, so that a line feed must follow.
    private var expectsLineFeed = false

    mutating func next(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> BodyFraming.Next {
        while position < bytes.count {
            if case .data(let left) = state {
                let count = Int(min(left, UInt64(bytes.count - position)))
                state = UInt64(count) == left ? .dataEnd : .data(left - UInt64(count))
                return .data(count)
            }
            step(bytes[position])
            switch state {
            case .broken: return .broken
            case .ended:
                position += 1
                return .end
            default: position += 1
            }
        }
        return .more
    }

    /// Consumes one byte that is not data.
    private mutating func step(_ byte: UInt8) {
        overhead += 1
        let isLineEnd = byte == UInt8(ascii: "\n")
        if overhead <= Self.maximumOverhead, byte == UInt8(ascii: "\r"), !expectsLineFeed {
            expectsLineFeed = true
            return
        }
        guard overhead <= Self.maximumOverhead, isLineEnd == expectsLineFeed else {
            state = .broken
            return
        }
        expectsLineFeed = false
        switch state {
        case .size(let size, let digits):
            if isLineEnd {
                state = digits > 0 ? self.size(size) : .broken
            } else if let digit = Self.digit(byte), digits < 15 {
                state = .size(size << 4 | digit, digits: digits + 1)
            } else {
                state = digits > 0 && [0x20, 0x09, UInt8(ascii: ";")].contains(byte) ? .sizeExtension : .broken
                self.size = size
            }
        case .sizeExtension: if isLineEnd { state = self.size(size) }
        case .dataEnd: state = isLineEnd ? .size(0, digits: 0) : .broken
        case .trailer(let isLineEmpty): state = isLineEnd && isLineEmpty ? .ended : .trailer(isLineEmpty: isLineEnd)
        case .data, .ended, .broken: state = .broken
        }
    }

    private func size(_ size: UInt64) -> State { size == 0 ? .trailer(isLineEmpty: true) : .data(size) }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x41...0x46: UInt64(byte - 0x37)
        case 0x61...0x66: UInt64(byte - 0x57)
        default: nil
        }
    }
}

extension HeaderFields {
    /// Returns the members of all comma-separated lists with a name, in lower case.
    func list(_ name: String) -> [String] {
        values(name).flatMap { value in
            guard value.contains(",") else { return [value.lowercased()] }
            return value.split(separator: ",", omittingEmptySubsequences: false).map { $0.lowercased().trimmed }
        }
    }
}
