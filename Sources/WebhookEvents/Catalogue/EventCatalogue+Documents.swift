extension EventCatalogue {
    /// Returns an OpenAPI 3.1 document whose `webhooks` describe the requests to a consumer's endpoint, and its
    /// responses.
    ///
    /// - Returns: A complete document.
    public static func openAPI() -> JSONValue {
        var (webhooks, schemas) = (JSONValue.Members(), JSONValue.Members())
        for type in EventType.known {
            schemas[type.rawValue] = envelope(of: type).map(JSONValue.object)
            webhooks[type.rawValue] = [
                "post": [
                    "operationId": .string("on_" + String(type.rawValue.map { $0 == "." ? "_" : $0 })),
                    "summary": .string(summary(of: type) ?? ""),
                    "parameters": .array(
                        headers.map { ["$ref": .string("#/components/parameters/\($0.name)")] }),
                    "requestBody": [
                        "required": true,
                        "content": [
                            "application/json": ["schema": ["$ref": .string("#/components/schemas/\(type)")]]
                        ],
                    ],
                    "responses": responses,
                ]
            ]
        }
        var parameters = JSONValue.Members()
        for header in headers {
            parameters[header.name] = [
                "name": .string(header.name), "in": "header", "required": .bool(header.isRequired),
                "description": .string(header.description), "schema": ["type": "string"],
            ]
        }
        return [
            "openapi": "3.1.0", "info": info,
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "webhooks": .object(webhooks),
            "components": ["schemas": .object(schemas), "parameters": .object(parameters)],
        ]
    }

    /// Returns an AsyncAPI 3 document that describes the same requests.
    ///
    /// - Returns: A complete document.
    public static func asyncAPI() -> JSONValue {
        var (channelMessages, messages, operationMessages) = (JSONValue.Members(), JSONValue.Members(), [JSONValue]())
        var (schemas, headerProperties) = (JSONValue.Members(), JSONValue.Members())
        for header in headers {
            headerProperties[header.name] = ["type": "string", "description": .string(header.description)]
        }
        for type in EventType.known {
            let name = type.rawValue
            schemas[name] = envelope(of: type).map(JSONValue.object)
            messages[name] = [
                "name": .string(name), "summary": .string(summary(of: type) ?? ""), "contentType": "application/json",
                "headers": ["type": "object", "properties": .object(headerProperties)],
                "payload": ["$ref": .string("#/components/schemas/\(name)")],
            ]
            channelMessages[name] = ["$ref": .string("#/components/messages/\(name)")]
            operationMessages.append(["$ref": .string("#/channels/webhooks/messages/\(name)")])
        }
        return [
            "asyncapi": "3.0.0", "info": info, "defaultContentType": "application/json",
            "channels": [
                "webhooks": [
                    "address": nil, "title": "A registered webhook",
                    "description": "The URL that an account has registered. Every message is one POST request.",
                    "messages": .object(channelMessages),
                ]
            ],
            "operations": [
                "sendWebhook": [
                    "action": "send", "channel": ["$ref": "#/channels/webhooks"],
                    "summary": "TaskFlow sends an event at least once. The order is not guaranteed.",
                    "messages": .array(operationMessages),
                ]
            ],
            "components": ["messages": .object(messages), "schemas": .object(schemas)],
        ]
    }

    private static let info: JSONValue = [
        "title": "TaskFlow webhooks", "version": .string("\(schemaVersion).0.0"),
        "description":
            "The events that TaskFlow sends to an account's webhooks. Verify the raw body before parsing it.",
    ]

    private static let responses: JSONValue = [
        "2XX": ["description": "The event was accepted. Respond within 5 seconds."],
        "410": ["description": "The endpoint is gone. The delivery ends and the webhook is disabled."],
        "429": ["description": "Retry later; `Retry-After` is honoured."],
        "503": ["description": "Retry later; `Retry-After` is honoured."],
        "default": ["description": "The attempt failed and is retried. Redirects count as failures."],
    ]

    private struct Header {
        let name: String
        let description: String
        var isRequired = true
    }

    private static let headers = [
        Header(name: "X-TaskFlow-Event", description: "The event's type. It is not signed; rely on the body."),
        Header(name: "X-TaskFlow-Signature", description: "`sha256=` and the HMAC-SHA256 of the raw body in hex."),
        Header(
            name: "X-TaskFlow-Delivery-ID", description: "The identifier of the delivery; the same for every attempt."),
        Header(name: "X-TaskFlow-Delivery-Attempt", description: "The number of the attempt, counted from 1."),
        Header(name: "X-TaskFlow-Webhook-ID", description: "The identifier of the webhook."),
        Header(name: "X-TaskFlow-Test", description: "`true` on test events.", isRequired: false),
        Header(name: "Idempotency-Key", description: "The identifier of the delivery."),
        Header(name: "webhook-id", description: "Standard Webhooks: the identifier of the event."),
        Header(name: "webhook-timestamp", description: "Standard Webhooks: the time of this attempt in Unix seconds."),
        Header(
            name: "webhook-signature", description: "Standard Webhooks: signatures over identifier, timestamp and body."
        ),
    ]
}
