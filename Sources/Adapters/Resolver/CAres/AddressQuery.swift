#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import WebhookDelivery
internal import WebhookLimits

/// One look-up in a separate c-ares channel; destroying the channel frees its sockets and memory immediately.
///
/// A query is confined to one thread, as c-ares requires.
@safe
final class AddressQuery {
    private let channel: ares_channel
    /// The events that c-ares reports; the object must outlive the channel.
    private let events = QueryEvents()
    /// The number of name servers.
    let serverCount: Int

    /// Starts a look-up.
    ///
    /// - Parameters:
    ///   - name: The name, with a trailing dot if it is absolute.
    ///   - settings: The name servers, and their timeouts.
    ///   - rotation: The number of servers to skip because they have already answered.
    /// - Throws: `TransportError` if c-ares cannot be set up.
    init(_ name: String, _ settings: NameServerSettings, rotation: Int) throws(TransportError) {
        let opened = unsafe Self.open(settings, Unmanaged.passUnretained(events).toOpaque())
        guard let channel = unsafe opened.channel else { throw unsafe QueryStatus(code: opened.status).failure }
        unsafe self.channel = channel
        serverCount = unsafe NameServerList.rotate(channel, by: rotation)
        var hints = ares_addrinfo_hints()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        unsafe ares_getaddrinfo(
            channel, name, nil, &hints,
            { data, status, _, list in
                unsafe QueryEvents.of(data)?.answer = unsafe QueryAnswer(status, list)
                if let list = unsafe list { unsafe ares_freeaddrinfo(list) }
            }, Unmanaged.passUnretained(events).toOpaque())
    }

    deinit { unsafe ares_destroy(channel) }

    /// The answer; `nil` until it arrives.
    var answer: QueryAnswer? { events.answer }

    /// The sockets to wait for, each with its `poll` events.
    var sockets: [Int32: Int16] { events.sockets }

    /// The time in milliseconds after which to call ``process()``; `nil` if there is no timer.
    var timeoutMilliseconds: Int? {
        var storage = timeval()
        guard unsafe ares_timeout(channel, nil, &storage) != nil else { return nil }
        return Int(storage.tv_sec) * 1000 + (Int(storage.tv_usec) + 999) / 1000
    }

    /// Handles the events of a socket.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - happened: The socket's `poll` events.
    func process(_ socket: Int32, _ happened: Int16) {
        // Reading reports errors.
        let isReadable = happened & ~Int16(POLLOUT) != 0
        let isWritable = happened & Int16(POLLOUT) != 0
        unsafe ares_process_fd(channel, isReadable ? socket : -1, isWritable ? socket : -1)
    }

    /// Handles expired timers.
    func process() { unsafe ares_process_fd(channel, -1, -1) }

    private static func open(
        _ settings: NameServerSettings, _ events: UnsafeMutableRawPointer
    ) -> (channel: ares_channel?, status: Int32) {
        var options = unsafe ares_options()
        // Without this flag, c-ares reports a server's failure as if it had reached no server.
        unsafe options.flags = ARES_FLAG_NOCHECKRESP
        unsafe options.timeout = settings.timeoutMilliseconds
        unsafe options.tries = settings.tries
        unsafe options.sock_state_cb = { data, socket, isReading, isWriting in
            unsafe QueryEvents.of(data)?.watch(socket, isReading: isReading != 0, isWriting: isWriting != 0)
        }
        unsafe options.sock_state_cb_data = events
        let mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
        var channel: ares_channel?
        var status: Int32
        if var path = settings.configurationFile.map({ Array($0.utf8CString) }) {
            status = unsafe path.withUnsafeMutableBufferPointer { path in
                unsafe options.resolvconf_path = path.baseAddress
                return unsafe ares_init_options(&channel, &options, mask | ARES_OPT_RESOLVCONF)
            }
        } else {
            status = unsafe ares_init_options(&channel, &options, mask)
        }
        guard status == cares_success, let opened = unsafe channel else { return (nil, status) }
        if let servers = settings.servers { status = unsafe ares_set_servers_ports_csv(opened, servers) }
        guard status == cares_success else {
            unsafe ares_destroy(opened)
            return (nil, status)
        }
        return unsafe (opened, status)
    }
}
#endif
