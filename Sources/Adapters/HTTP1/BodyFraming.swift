internal import WebhookPayload

/// Where a response's body ends (RFC 9112, section 6.3).
enum BodyFraming {
    case none
    case length(Int)
    case chunked(ChunkedBody)
    /// The connection's end is the body's.
    case untilClose

    /// What stands at a position of received bytes.
    enum Next {
        /// This many bytes of the body, right here.
        case data(Int)
        /// Not enough bytes to say.
        case more
        /// The end of the body.
        case end
        /// Nothing that can be made sense of.
        case broken
    }

    /// Finds out from the head.
    ///
    /// Two answers, or one that is not plain, count as none.
    init(of head: ResponseHead) {
        guard head.status != 204, head.status != 304 else {
            self = .none
            return
        }
        let lengths = head.fields.values("Content-Length")
        let encodings = head.fields.values("Transfer-Encoding")
        self = .untilClose
        if encodings.isEmpty, lengths.count == 1, let length = Self.length(lengths[0]) {
            self = .length(length)
        } else if lengths.isEmpty, encodings.count == 1, head.isCurrentVersion, encodings[0].lowercased() == "chunked" {
            self = .chunked(ChunkedBody())
        }
    }

    /// Looks at what comes next, and moves behind what is no part of the body.
    mutating func next(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> Next {
        switch self {
        case .none, .length(0): return .end
        case .length(let left):
            let count = min(left, bytes.count - position)
            guard count > 0 else { return .more }
            self = .length(left - count)
            return .data(count)
        case .chunked(var body):
            // Taken out and put back, so that there is one owner of it.
            self = .none
            defer { self = .chunked(body) }
            return body.next(bytes, &position)
        case .untilClose: return position < bytes.count ? .data(bytes.count - position) : .more
        }
    }

    /// A length that any body of interest has: up to 18 digits.
    private static func length(_ value: String) -> Int? {
        (1...18).contains(value.utf8.count) && value.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(value) : nil
    }
}

/// The chunked coding (RFC 9112, section 7.1), with bounds on everything between the data.
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

    /// The most bytes of sizes, extensions and trailers together; the data is bounded by who reads it.
    private static let maximumOverhead = 16_384

    private var state = State.size(0, digits: 0)
    private var size: UInt64 = 0
    private var overhead = 0
    /// The byte before was a carriage return, so a line feed must follow.
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

    /// Takes one byte that is not data.
    private mutating func step(_ byte: UInt8) {
        overhead += 1
        guard overhead <= Self.maximumOverhead else { return state = .broken }
        if byte == UInt8(ascii: "\r"), !expectsLineFeed { return expectsLineFeed = true }
        let isLineEnd = byte == UInt8(ascii: "\n")
        guard isLineEnd == expectsLineFeed else { return state = .broken }
        expectsLineFeed = false
        switch state {
        case .size(let size, let digits):
            if isLineEnd { return state = digits > 0 ? self.size(size) : .broken }
            if let digit = Self.digit(byte), digits < 15 {
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
