extension Dispatcher {
    /// Settles finished attempts; those of locked accounts are reported separately.
    func settle(_ settlements: [Settlement], _ state: inout DispatcherState) async {
        do {
            let results = try await store.settle(settlements, rules: configuration.rules, mayWait: false)
            state.settled(settlements.count, busy: Set(results.indices.filter { results[$0] == .busy }))
            for (settlement, result) in zip(settlements, results) { report(settlement.lease, result) }
        } catch {
            state.reportsFailed()
            observation.report(.storeUnavailable(String(describing: error)))
        }
    }

    /// Releases unsent deliveries; those of locked accounts are reported separately.
    func release(_ releases: [Release], _ state: inout DispatcherState) async {
        do {
            let busy = Set(try await store.release(releases, mayWait: false))
            state.released(releases.count, busy: Set(releases.indices.filter { busy.contains(releases[$0]) }))
            observation.report(.released(releases.count - busy.count))
        } catch {
            state.reportsFailed()
            observation.report(.storeUnavailable(String(describing: error)))
        }
    }

    /// Sends the pending reports of one account in a separate task, while the dispatcher continues.
    func reportSeparately(_ report: DeferredReport) async {
        var outcome = DeferredReport.Outcome(report)
        do {
            if !report.settlements.isEmpty {
                let results = try await store.settle(
                    report.settlements, rules: configuration.rules, mayWait: report.mayWait)
                outcome.hasFailed = results.contains(.busy)
                if !outcome.hasFailed {
                    outcome.settled = results.count
                    for (settlement, result) in zip(report.settlements, results) {
                        self.report(settlement.lease, result)
                    }
                }
            }
            if !report.releases.isEmpty, !outcome.hasFailed {
                outcome.hasFailed = try await !store.release(report.releases, mayWait: report.mayWait).isEmpty
                if !outcome.hasFailed {
                    outcome.released = report.releases.count
                    observation.report(.released(report.releases.count))
                }
            }
        } catch {
            outcome.hasFailed = true
            outcome.error = String(describing: error)
            outcome.isRefusal = !((error as? any TransientError)?.isTransient ?? false)
            observation.report(.storeUnavailable(String(describing: error)))
        }
        inbox.reportedSeparately(outcome)
    }

    func storeFailed(_ error: any Error, _ state: inout DispatcherState) {
        state.storeFailed()
        observation.report(.storeUnavailable(String(describing: error)))
    }

    private func report(_ lease: Lease, _ result: Delivery.SettleResult) {
        switch result {
        case .settled(nil), .repeated, .busy: break
        case .fenced: observation.report(.fenced(lease))
        case .settled(.failing(let grade)?): observation.report(.webhookFailing(lease.webhookID, grade))
        case .settled(.recovered?): observation.report(.webhookRecovered(lease.webhookID))
        case .settled(.failed?): observation.report(.webhookStopped(lease.webhookID, .failed))
        case .settled(.gone?), .settled(.disabledByEndpoint?):
            observation.report(.webhookStopped(lease.webhookID, .disabled))
        }
    }
}
