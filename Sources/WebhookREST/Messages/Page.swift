internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

/// The requested part of a list, and its JSON document.
///
/// A cursor names the last entry of the previous page, so new entries do not shift the pages that follow.
struct Page {
    static let parameters: Set<String> = ["limit", "cursor"]
    private static let limits = 1...100
    private static let standardLimit = 25

    /// The maximum number of entries.
    let limit: Int
    /// The decoded cursor, if there is one.
    let cursor: String?

    /// Parses the paging parameters.
    ///
    /// - Parameters:
    ///   - query: The parameters.
    ///   - kind: The kind of list; a cursor of another kind is rejected.
    /// - Throws: `Problem` if the limit or the cursor is invalid.
    init(_ query: QueryParameters, of kind: String) throws(Problem) {
        limit =
            try query.value("limit", expected: "a number from 1 to 100") {
                Int($0).flatMap { Self.limits.contains($0) ? $0 : nil }
            } ?? Self.standardLimit
        cursor = try query.value("cursor", expected: "the next_cursor of the previous page") { text in
            guard let content = Self.decode(text), content.hasPrefix(kind + ".") else { return nil }
            return String(content.dropFirst(kind.count + 1))
        }
    }

    /// Returns the page's response, with a link to the next page if there is one.
    ///
    /// - Parameters:
    ///   - entries: The entries; one more than ``limit`` means that there is a next page.
    ///   - request: The request.
    ///   - kind: The kind of list.
    ///   - cursor: Returns the text of the cursor that names an entry.
    ///   - document: Returns an entry's JSON document.
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

    // URL-safe Base64 (RFC 4648, section 5), without padding.
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
