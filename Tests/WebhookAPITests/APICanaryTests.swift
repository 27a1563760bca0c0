import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookAPI
import WebhookTesting

/// What the API's messages print; see `CanaryTests`.
@Suite("WebhookAPI, what printing shows")
struct APICanaryTests {
    @Test(
        "A registration, its answer and a refusal print neither the secret nor credentials", arguments: ["", "ftp://"])
    func messages(scheme: String) async throws {
        let canary = "canary4711canary"
        let tests = WebhookAPITests()
        let url = "\(scheme.isEmpty ? "https://" : scheme)yourapp.com/\(canary)"
        let body: JSONValue = ["url": .string(url), "events": ["*"], "secret": .string(canary)]
        let request = APIRequest(
            method: "POST", path: "/webhooks", query: "access_token=\(canary)",
            headers: ["Content-Type": "application/json", "Authorization": "Bearer \(canary)"], body: body.encoded(),
            principal: APIPrincipal(account: "acc_123"))
        try assertNeverPrints(canary, request)
        try assertNeverPrints(canary, await tests.api.respond(to: request))
        try assertNeverPrints(canary, APIResponse(201, body))
        try assertNeverPrints(canary, tests.api)
        #expect("\(request)".contains("application/json"), "what is harmless is shown")
    }
}
