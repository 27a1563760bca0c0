"""Hostile endpoints and a name server, for the benchmark of neighbours; prints their ports as JSON and runs until it is killed.

`connects` accepts no connection, `silent` accepts and never answers, `slow` answers after 20 s, `drip` answers immediately and then
sends a byte a second, `trickle` does so from the first byte of its head, `headers` sends an endless head, `turns` answers nine times
immediately and then after 20 s, `quick` always answers immediately, `throttle` answers 429. The name server resolves `healthy.example`
and all names below `hosts.example` and `moving.example`, the latter to a different address each time, and never answers for others.
"""
import asyncio
import json
import socket
import struct


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while length > 0:
        length -= len(await reader.read(min(length, 1 << 20))) or length


def answering(respond):
    async def serve(reader, writer):
        try:
            while True:
                await read_request(reader)
                await respond(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return serve


async def silent(writer):
    await asyncio.sleep(3600)


async def slow(writer):
    await asyncio.sleep(20)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def drip(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def trickle(writer):
    for byte in b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def headers(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Padding: " + b"x" * 8000 + b"\r\n")
        await writer.drain()


async def turns(writer):
    turns.count += 1
    if turns.count % 10 == 0:
        await asyncio.sleep(20)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


turns.count = 0


async def quick(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def throttle(writer):
    writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")


async def accept_and_wait(reader, writer):
    await asyncio.sleep(3600)


class NameServer(asyncio.DatagramProtocol):
    count = 0

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, address):
        question = query[12:]
        name = self.name(question)
        if name[-2:] not in ([b"healthy", b"example"], [b"hosts", b"example"], [b"moving", b"example"]):
            return
        end = sum(len(label) + 1 for label in name) + 1
        is_address = question[end:end + 2] == b"\x00\x01"
        moves = name[-2] == b"moving"
        self.count += moves
        last = self.count % 250 + 1 if moves else 1
        # A moving name must not be cached.
        answer = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH", 0 if moves else 60, 4) + bytes([127, 0, 0, last])
        header = query[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if is_address else b"\x00\x00") + b"\x00\x00\x00\x00"
        self.transport.sendto(header + question[:end + 4] + (answer if is_address else b""), address)

    @staticmethod
    def name(question):
        labels, place = [], 0
        while place < len(question) and question[place]:
            labels.append(question[place + 1:place + 1 + question[place]].lower())
            place += 1 + question[place]
        return labels


def full_queue():
    """A listening socket with a full queue: the kernel drops further connections."""
    listener = socket.socket()
    listener.bind(("0.0.0.0", 0))
    listener.listen(0)
    waiting = []
    for _ in range(8):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", listener.getsockname()[1]))
        waiting.append(client)
    return listener, waiting


async def main():
    loop = asyncio.get_running_loop()
    keep, ports = full_queue(), {}
    ports["connects"] = keep[0].getsockname()[1]
    servers = {"silent": accept_and_wait, "slow": answering(slow), "drip": answering(drip), "throttle": answering(throttle),
               "trickle": answering(trickle), "headers": answering(headers), "turns": answering(turns),
               "quick": answering(quick)}
    for name, serve in servers.items():
        server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=1024)
        ports[name] = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    ports["names"] = transport.get_extra_info("sockname")[1]
    print(json.dumps(ports), flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
