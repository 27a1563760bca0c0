internal import WebhookEvents

/// A value that can be encoded as a JSON object.
protocol JSONWritable {
    func writeMembers(to json: inout JSONWriter)
}

/// Methods that take a name and a value, so that the code of a payload reads like its JSON.
extension JSONWriter {
    mutating func write(_ value: some JSONWritable) {
        object { value.writeMembers(to: &$0) }
    }

    package mutating func write(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    package mutating func write(_ name: StaticString, _ value: Int?, minimum: Int = 0) {
        if let value, value < minimum { isBelowMinimum = true }
        self.name(name)
        if let value { integer(value) } else { null() }
    }

    package mutating func write(_ name: StaticString, _ value: Bool?) {
        self.name(name)
        if let value { bool(value) } else { null() }
    }

    mutating func write(_ name: StaticString, _ value: Timestamp?) {
        self.name(name)
        if let value { timestamp(value) } else { null() }
    }

    mutating func write(_ name: StaticString, _ value: (some OpenEnum)?) { write(name, value?.rawValue) }

    mutating func write(_ name: StaticString, _ value: [String]) {
        self.name(name)
        array(value) { $0.string($1) }
    }

    mutating func write(_ name: StaticString, _ value: JSONValue.Members) {
        self.name(name)
        members(value)
    }

    mutating func write(_ name: StaticString, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }

    mutating func write(_ name: StaticString, _ value: (some JSONWritable)?) {
        self.name(name)
        if let value { write(value) } else { null() }
    }

    mutating func write(_ name: StaticString, _ values: [some JSONWritable]) {
        self.name(name)
        array(values) { $0.write($1) }
    }
}
