/// The JSON Schema (2020-12) of one value, written so that a payload's schema reads like the payload.
///
/// Schemas are open: receivers must accept members and values that were added later. The values of open enums are
/// listed under `x-known-values`, where generators find them and validators do not reject others.
struct Schema {
    let json: JSONValue.Members

    init(_ json: JSONValue.Members) { self.json = json }

    static func string(_ description: String) -> Schema {
        Schema(["type": "string", "description": .string(description)])
    }

    static func integer(_ description: String, minimum: Int = 0) -> Schema {
        Schema([
            "type": "integer", "minimum": .number(JSONValue.Number(minimum)), "description": .string(description),
        ])
    }

    static func boolean(_ description: String) -> Schema {
        Schema(["type": "boolean", "description": .string(description)])
    }

    static func identifier(_ description: String) -> Schema {
        Schema(["type": "string", "minLength": 1, "maxLength": 64, "description": .string(description)])
    }

    static func moment(_ description: String) -> Schema {
        Schema(["type": "string", "format": "date-time", "description": .string(description)])
    }

    static func link(_ description: String) -> Schema {
        Schema(["type": "string", "format": "uri", "description": .string(description)])
    }

    static func oneOf<Value: OpenEnum>(_ values: Value.Type, _ description: String) -> Schema {
        oneOf(values.known.map(\.rawValue), description)
    }

    static func oneOf(_ values: [String], _ description: String) -> Schema {
        Schema([
            "type": "string", "x-known-values": .array(values.map(JSONValue.string)),
            "description": .string(description),
        ])
    }

    static func constant(_ value: JSONValue, _ description: String) -> Schema {
        Schema(["const": value, "description": .string(description)])
    }

    static func list(of element: Schema, _ description: String) -> Schema {
        Schema(["type": "array", "items": .object(element.json), "description": .string(description)])
    }

    /// Returns the schema of an object whose members the account defines.
    static func free(_ description: String) -> Schema {
        Schema(["type": "object", "additionalProperties": true, "description": .string(description)])
    }

    /// Returns the schema of any value.
    static func any(_ description: String) -> Schema { Schema(["description": .string(description)]) }

    /// Returns the schema of an object; its members are required unless they are ``optional``.
    static func object(_ description: String, _ members: Members...) -> Schema {
        let all = members.flatMap(\.members)
        var properties = JSONValue.Members()
        for (name, schema) in all { properties[name] = .object(schema.json) }
        return Schema([
            "type": "object", "description": .string(description),
            "required": .array(all.filter(\.schema.isRequired).map { .string($0.name) }),
            "properties": .object(properties),
        ])
    }

    /// A group of an object's members.
    struct Members {
        let members: [(name: String, schema: Schema)]

        init(_ members: KeyValuePairs<String, Schema>) {
            self.members = members.map { (name: $0.key, schema: $0.value) }
        }
    }

    /// The schema of the same value or null.
    var orNull: Schema {
        var json = json
        if let type = json["type"]?.string {
            json["type"] = [.string(type), "null"]
            return Schema(json)
        }
        return self
    }

    /// The schema of the same value in a member that may be absent.
    var optional: Schema {
        var json = json
        json["x-optional"] = true
        return Schema(json)
    }

    private var isRequired: Bool { json["x-optional"] == nil }
}
