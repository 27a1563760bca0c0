import ArgumentParser
import TaskFlowWebhooks

/// Checks whether a URL is allowed as an endpoint.
struct CheckURL: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-url",
        abstract: "Check whether a URL is allowed as an endpoint, and explain why not.",
        discussion: """
            Checks only the text, and resolves no name. A transport rejects names that resolve to private addresses \
            when it connects.

            With --jsonl, each line of standard input is an object with "url". Prints one line for each: {"url", \
            "verdict": "allow" or "deny", "code", "why"}. If a line has "expect" and the verdict differs, the exit \
            code is 1.

            EXAMPLES
              tfhook check-url https://yourapp.com/webhooks/taskflow
              tfhook check-url http://localhost:3000/hooks --development
              tfhook check-url --jsonl < endpoint-urls.jsonl
            """)

    @Argument(help: "The URL.")
    var url: String?

    @OptionGroup var options: EndpointOptions

    @Flag(help: "With --jsonl, add the host, port and target of the requests.")
    var parts = false

    func validate() throws { try options.validate(url) }

    func run() throws {
        try options.run(url, key: "url") { text, policy in
            let url = try EndpointURL(registering: text, policy: policy)
            let parts: JSONValue.Members = [
                "host": .string(url.host), "port": .number(JSONValue.Number(url.port)), "target": .string(url.target),
            ]
            let why = "\(url.isSecure ? "HTTPS" : "HTTP") endpoint; its addresses are checked when connecting"
            return (why, self.parts ? parts : [:])
        }
    }
}

/// Checks whether connections to an address are allowed.
struct CheckIP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-ip",
        abstract: "Check whether connections to an address are allowed, and explain why not.",
        discussion: """
            With --jsonl, each line of standard input is an object with "ip". Prints one line for each: {"ip", \
            "verdict": "allow" or "deny", "code", "why"}. If a line has "expect" and the verdict differs, the exit \
            code is 1.

            EXAMPLES
              tfhook check-ip 169.254.169.254
              tfhook check-ip --jsonl < endpoint-addresses.jsonl
            """)

    @Argument(help: "The address.")
    var ip: String?

    @OptionGroup var options: EndpointOptions

    func validate() throws { try options.validate(ip) }

    func run() throws {
        try options.run(ip, key: "ip") { text, policy in
            guard let address = IPAddress(text) else {
                throw Refusal(
                    code: EndpointError.Code.address.rawValue, why: "The text is not a plain IP address",
                    hint: "Write IPv4 addresses as four decimal numbers, and IPv6 addresses without brackets or zone.")
            }
            try policy.check(address)
            return ("The policy allows connections to this address", [:])
        }
    }
}

/// Why an endpoint is not allowed.
struct Refusal: Error {
    let code: String
    let why: String
    let hint: String
}

/// The options of both checks.
struct EndpointOptions: ParsableArguments {
    @Flag(help: "Apply the development policy, which allows http, every port and the local machine.")
    var development = false

    @Flag(help: "Read cases from standard input, one per line.")
    var jsonl = false

    func validate(_ text: String?) throws {
        guard jsonl != (text != nil) else { throw ValidationError("Give either one argument to check or --jsonl.") }
    }

    /// Checks one text, or the member `key` of each line of standard input.
    func run(
        _ text: String?, key: String,
        _ judge: (String, EndpointPolicy) throws -> (why: String, parts: JSONValue.Members)
    ) throws {
        let policy: EndpointPolicy = development ? .development : .production
        func verdict(on text: String) -> Result<(why: String, parts: JSONValue.Members), Refusal> {
            do { return .success(try judge(text, policy)) } catch let error as EndpointError {
                return .failure(Refusal(code: error.code.rawValue, why: error.message, hint: error.hint))
            } catch let refusal as Refusal { return .failure(refusal) } catch {
                return .failure(Refusal(code: "unknown", why: "\(error)", hint: ""))
            }
        }
        guard let text else { return try answer(key: key, verdict) }
        switch verdict(on: text) {
        case .success(let allowed): print("✓ allowed: \(allowed.why)")
        case .failure(let refusal):
            print("✗ denied: \(refusal.why) (\(refusal.code))\n  → \(refusal.hint)")
            throw ExitCode.unmet
        }
    }

    private func answer(
        key: String, _ verdict: (String) -> Result<(why: String, parts: JSONValue.Members), Refusal>
    ) throws {
        try answerLines { line in
            let object = try? JSONValue(parsing: line)
            let text = object?[key]?.string
            let result =
                text.map(verdict)
                ?? .failure(
                    Refusal(
                        code: "unreadable_line", why: "The line is not a JSON object with a string \"\(key)\"",
                        hint: "")
                )
            var members: JSONValue.Members = [key: text.map(JSONValue.string) ?? .null]
            switch result {
            case .success(let allowed):
                members["verdict"] = "allow"
                members["code"] = .null
                members["why"] = .string(allowed.why)
                for part in allowed.parts.members { members[part.name] = part.value }
            case .failure(let refusal):
                members["verdict"] = "deny"
                members["code"] = .string(refusal.code)
                members["why"] = .string(refusal.why)
            }
            let expected = object?["expect"]?.string
            let isMet = expected == nil || expected == members["verdict"]?.string
            return (.object(members), isMet ? nil : "\(text ?? "?"): expected \(expected ?? "")")
        }
    }
}
