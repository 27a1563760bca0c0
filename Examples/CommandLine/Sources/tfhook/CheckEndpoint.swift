import ArgumentParser
import TaskFlowWebhooks

/// Says whether a URL may be an endpoint, and why not.
struct CheckURL: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-url",
        abstract: "Say whether a URL may be an endpoint, and why not.",
        discussion: """
            Only the text is judged; nothing is looked up. A name that leads to a private address is refused later, when a \
            transport is about to connect to it.

            With --jsonl, every line of standard input is an object with "url"; it gives one line: {"url", "verdict": \
            "allow" or "deny", "code", "why"}. Where a line has "expect", the exit code is 1 when one verdict is another.

            EXAMPLES
              tfhook check-url https://yourapp.com/webhooks/taskflow
              tfhook check-url http://localhost:3000/hooks --development
              tfhook check-url --jsonl < endpoint-urls.jsonl
            """)

    @Argument(help: "The URL.")
    var url: String?

    @OptionGroup var options: EndpointOptions

    @Flag(help: "With --jsonl: add the host, the port and the target that requests would be built from.")
    var parts = false

    func validate() throws { try options.validate(url) }

    func run() throws {
        try options.run(url, key: "url") { text, policy in
            let url = try EndpointURL(registering: text, policy: policy)
            let parts: JSONMembers = [
                "host": .string(url.host), "port": .number(JSONNumber(url.port)), "target": .string(url.target),
            ]
            let why =
                "Its text names \(url.isSecure ? "an HTTPS" : "an HTTP") endpoint; its addresses are judged at connect"
            return (why, self.parts ? parts : [:])
        }
    }
}

/// Says whether an address may be connected to, and why not.
struct CheckIP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-ip",
        abstract: "Say whether an address may be connected to, and why not.",
        discussion: """
            With --jsonl, every line of standard input is an object with "ip"; it gives one line: {"ip", "verdict": \
            "allow" or "deny", "code", "why"}. Where a line has "expect", the exit code is 1 when one verdict is another.

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
                    code: EndpointError.Code.address.rawValue, why: "The text is no plainly written address",
                    hint: "Write an IPv4 address as four decimal numbers, an IPv6 address without brackets and zone.")
            }
            try policy.check(address)
            return ("The policy allows connections to the address", [:])
        }
    }
}

/// Why something may not be an endpoint.
struct Refusal: Error {
    let code: String
    let why: String
    let hint: String
}

/// What both checks share.
struct EndpointOptions: ParsableArguments {
    @Flag(help: "Judge by the development policy, which allows http, every port and this machine.")
    var development = false

    @Flag(help: "Read cases from standard input, one a line.")
    var jsonl = false

    func validate(_ text: String?) throws {
        guard jsonl != (text != nil) else { throw ValidationError("Name one, or use --jsonl.") }
    }

    /// Judges one text, or every line's member of this name.
    func run(
        _ text: String?, key: String, _ judge: (String, EndpointPolicy) throws -> (why: String, parts: JSONMembers)
    ) throws {
        let policy: EndpointPolicy = development ? .development : .production
        func verdict(on text: String) -> Result<(why: String, parts: JSONMembers), Refusal> {
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
        key: String, _ verdict: (String) -> Result<(why: String, parts: JSONMembers), Refusal>
    ) throws {
        try answerLines { line in
            let object = try? JSONValue(parsing: line)
            let text = object?[key]?.string
            let result =
                text.map(verdict)
                ?? .failure(
                    Refusal(code: "unreadable_line", why: "The line is no JSON object with a text \"\(key)\"", hint: "")
                )
            var members: JSONMembers = [key: text.map(JSONValue.string) ?? .null]
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
