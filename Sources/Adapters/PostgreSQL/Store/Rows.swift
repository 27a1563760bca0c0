#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension PostgresRow: RowReader {}

extension Webhook {
    /// The columns of a webhook, without its secrets and header fields: its settings from `w`, its progress from `p`.
    static let postgresColumns: String = {
        let settings = settingsColumns.qualified("w")
            .replacing("w.events,", with: "array_to_string(w.events, ' '),")
        return "\(settings), \(WebhookProgress.columns.qualified("p"))"
    }()

    /// Reads ``postgresColumns``.
    init(reading row: inout PostgresRow) throws {
        let settings = try Webhook(readingSettings: &row)
        self = try WebhookProgress(reading: &row, of: settings.id.rawValue).applied(to: settings)
    }
}
#endif
