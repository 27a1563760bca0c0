internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

/// Which part of a list is asked for, and the document that it is given as.
///
/// A cursor names the last entry of the page before, so pages stay as they are while new entries come in.
struct Page {
    static let parameters: Set<String> = ["limit", "cursor"]
    private static let limits = 1...100
    private static let standardLimit = 25

    /// The most entries.
    let limit: Int
    /// What the cursor says, if there is one.
    let cursor: String?

    /// Reads the parameters.
    ///
    /// - Parameters:
    ///   - query: The parameters.
    ///   - kind: What is listed: a cursor of another list is refused.
    /// - Throws: `Problem` for a limit or a cursor that is not possible.
    init(_ query: QueryParameters, of kind: String) throws(Problem) {
        limit =
            try query.value("limit", expected: "a number from 1 to 100") {
                Int($0).flatMap { Self.limits.contains($0) ? $0 : nil }
            } ?? Self.standardLimit
        cursor = try query.value("cursor", expected: "the next_cursor of the page before") { text in
            guard let content = Self.decode(text), content.hasPrefix(kind + ".") else { return nil }
            return String(content.dropFirst(kind.count + 1))
        }
    }

    /// The page's response, with a link to the next page where there is one.
    ///
    /// - Parameters:
    ///   - entries: The entries; one more than the page has says that there are more.
    ///   - request: What was asked for.
    ///   - kind: What is listed.
    ///   - cursor: What a cursor after an entry says.
    ///   - document: How an entry is written.
    /// - Returns: The response.
    func response<Entry>(
        _ entries: [Entry], to request: APIRequest, of kind: String, cursor: (Entry) -> String,
        _ document: (Entry) -> JSONValue
    ) -> APIResponse {
        let page = entries.prefix(limit)
        let next = entries.count > limit ? page.last.map { Self.encode("\(kind).\(cursor($0))") } : nil
        var headers: HeaderFields = [:]
        if let next {
            let kept = request.query.split(separator: "&").filter { part in
                PercentEncoding.decode(part.prefix { $0 != "=" }, plusIsSpace: true) != "cursor"
            }
            let query = (kept + ["cursor=\(next)"]).joined(separator: "&")
            headers.append("Link", "<\(request.path)?\(query)>; rel=\"next\"")
        }
        return APIResponse(
            200,
            [
                "data": .array(page.map(document)), "has_more": .bool(next != nil),
                "next_cursor": next.map { .string($0) } ?? .null,
            ], headers: headers)
    }

    // Base64 for URLs (RFC 4648, section 5), without padding.
    private static func encode(_ text: String) -> String {
        let bytes = Base64.encode(Array(text.utf8)).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decode(_ text: String) -> String? {
        var bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        guard text.utf8.count <= 200 else { return nil }
        bytes += repeatElement(UInt8(ascii: "="), count: (4 - bytes.count % 4) % 4)
        return Base64.decode(bytes).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
