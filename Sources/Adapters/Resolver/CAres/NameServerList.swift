#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres

/// The servers of a channel, and their order.
///
/// A channel that passes a server's failure on does not go on to the next server, so a look-up is repeated with another
/// server first.
enum NameServerList {
    /// Moves the first servers to the end.
    ///
    /// - Parameters:
    ///   - channel: A channel without queries.
    ///   - count: How many.
    /// - Returns: How many servers there are; 1 when c-ares does not say.
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
            // The list becomes a ring that is cut in front of the new first server.
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
