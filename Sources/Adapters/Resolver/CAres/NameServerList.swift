#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres

/// The order of a channel's name servers.
///
/// A channel that reports a server's failure does not try the next server, so the look-up is repeated with another
/// server first.
enum NameServerList {
    /// Moves the first servers to the end.
    ///
    /// - Parameters:
    ///   - channel: A channel without queries.
    ///   - count: The number of servers to move.
    /// - Returns: The total number of servers; 1 if c-ares does not report it.
    static func rotate(_ channel: ares_channel, by count: Int) -> Int {
        var list: UnsafeMutablePointer<ares_addr_port_node>?
        guard unsafe ares_get_servers_ports(channel, &list) == cares_success, let first = unsafe list else { return 1 }
        var nodes: [UnsafeMutablePointer<ares_addr_port_node>] = unsafe []
        var next: UnsafeMutablePointer<ares_addr_port_node>? = unsafe first
        while let node = unsafe next {
            unsafe nodes.append(node)
            unsafe next = node.pointee.next
        }
        let total = unsafe nodes.count
        let start = count % total
        if start > 0 {
            // Joins the list into a ring and cuts it before the new first server.
            unsafe nodes[total - 1].pointee.next = first
            unsafe nodes[start - 1].pointee.next = nil
            unsafe list = nodes[start]
            _ = unsafe ares_set_servers_ports(channel, list)
        }
        unsafe ares_free_data(list)
        return total
    }
}
#endif
