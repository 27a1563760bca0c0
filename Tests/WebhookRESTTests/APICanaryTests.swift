import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookREST
import WebhookTesting

/// Printing of the API's messages; see `CanaryTests`.
@Suite("WebhookAPI printing")
struct APICanaryTests {
    @Test(
        "A registration, its response and a problem print neither secret nor credentials", arguments: ["", "ftp://"])
    func messages(scheme: String) async throws {
        let canary = "canary4711canary"
        let tests = WebhookAPITests()
        let url = "\(scheme.isEmpty ? "https://" : scheme)yourapp.com/\(canary)"
        let body: JSONValue = ["url": .string(url), "events": ["*"], "secret": .string(canary)]
        let request = APIRequest(
            method: "POST", path: "/webhooks", query: "access_token=\(canary)",
            headers: ["Content-Type": "application/json", "Authorization": "Bearer \(canary)"], body: body.encoded(),
            principal: APIPrincipal(accountID: "acc_123"))
        try assertNeverPrints(canary, request)
        try assertNeverPrints(canary, await tests.api.respond(to: request))
        try assertNeverPrints(canary, APIResponse(201, body))
        try assertNeverPrints(canary, tests.api)
        #expect("\(request)".contains("application/json"), "harmless fields are shown")
    }
}
