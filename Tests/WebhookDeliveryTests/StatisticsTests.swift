import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("DeliveryStatistics.LatencyHistogram")
struct LatencyHistogramTests {
    @Test(
        "Percentiles are at most 1/32 too long, never too short",
        arguments: [1, 7, 63, 64, 65, 1000, 12_345, 5_000_000])
    func precision(step: Int) throws {
        var histogram = DeliveryStatistics.LatencyHistogram()
        for number in 1...1000 { histogram.add(.microseconds(number * step)) }
        for share in [0.01, 0.5, 0.95, 0.99, 1] {
            let exact = Duration.microseconds(Int(share * 1000) * step)
            let found = try #require(histogram.percentile(share))
            #expect(found >= exact, "\(share)")
            #expect(found <= exact + exact / 32, "\(share)")
        }
        #expect(histogram.percentile(1) == histogram.maximum)
    }

    @Test("The shortest and the longest durations do not trap", arguments: [Int64.min, -1, 0, 1, .max])
    func extremes(microseconds: Int64) {
        var histogram = DeliveryStatistics.LatencyHistogram()
        histogram.add(.microseconds(microseconds))
        #expect(histogram.count == 1)
        #expect(histogram.percentile(-5) == histogram.percentile(7))
        #expect(histogram.percentile(.nan) == nil)
    }

    @Test("Adding two histograms equals adding all durations to one")
    func sum() {
        var (one, other, both) = (
            DeliveryStatistics.LatencyHistogram(), DeliveryStatistics.LatencyHistogram(),
            DeliveryStatistics.LatencyHistogram()
        )
        for number in 1...500 {
            one.add(.microseconds(number))
            other.add(.milliseconds(number))
            both.add(.microseconds(number))
            both.add(.milliseconds(number))
        }
        one.add(other)
        #expect(one == both)
        #expect(DeliveryStatistics.LatencyHistogram().percentile(0.5) == nil)
    }
}

@Suite("DeliveryStatistics.Window")
struct StatisticsWindowTests {
    @Test("It starts with a whole step, and ends at the given time")
    func steps() throws {
        let end = Timestamp(unixSeconds: 1_707_583_522)  // 2024-02-10T16:45:22Z
        let window = try DeliveryStatistics.Window(endingAt: end)
        #expect(window.since.rfc3339 == "2024-02-09T16:00:00Z")
        #expect(window.starts.count == 25)
        #expect(window.starts.last?.rfc3339 == "2024-02-10T16:00:00Z")
        let before1970 = try DeliveryStatistics.Window(
            endingAt: Timestamp(unixSeconds: -10), span: .seconds(60), step: .seconds(60))
        #expect(before1970.since.unixSeconds == -120)
    }

    @Test(
        "Windows with no steps, too many steps or too short steps are rejected",
        arguments: [(0, 3600), (60, 3600), (10, 0), (86_400 * 365, 60), (-5, 1)] as [(Int, Int)])
    func refused(span: Int, step: Int) {
        #expect(throws: DeliveryError.self) {
            try DeliveryStatistics.Window(
                endingAt: Timestamp(unixSeconds: 1_707_583_522), span: .seconds(span), step: .seconds(step))
        }
    }
}

extension WebhookServiceTests {
    @Test("Statistics cover the last day, and only the webhook's own account gets them")
    func statistics() async throws {
        let service = service(ScriptedTransport(statuses: [503, 200]))
        let webhook = try await service.register(
            WebhookRegistration(url: "https://example.com/", events: [.all], secret: .generate()), account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)
        clock.advance(by: .seconds(1))
        let statistics = try #require(try await service.statistics(of: webhook.id, account: "acc_123"))
        #expect(statistics.total.attempts == 2)
        #expect(statistics.total.successRate == 1)
        #expect(statistics.total.causes == ["503": 1])
        #expect(try await service.statistics(of: webhook.id, account: "acc_2") == nil)
        let error = await #expect(throws: DeliveryError.self) {
            try await service.statistics(of: webhook.id, account: "acc_123", step: .zero)
        }
        #expect(error?.code == .invalidWindow)
    }
}
