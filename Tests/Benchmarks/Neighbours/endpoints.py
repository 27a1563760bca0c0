"""Hostile endpoints and a name server, for the benchmark of neighbours; prints their ports as JSON and goes on until it is killed.

`connects` takes no connection, `silent` accepts and says nothing, `slow` answers after 20 s, `drip` answers at once and then sends a
byte a second, `throttle` answers 429. The name server knows `healthy.example` and is silent about all other names.
"""
import asyncio
import json
import socket


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


async def throttle(writer):
    writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")


async def accept_and_wait(reader, writer):
    await asyncio.sleep(3600)


class NameServer(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, address):
        question = query[12:]
        if not question.lower().startswith(b"\x07healthy\x07example\x00"):
            return
        end = 17
        is_address = question[end:end + 2] == b"\x00\x01"
        answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01" if is_address else b""
        header = query[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if answer else b"\x00\x00") + b"\x00\x00\x00\x00"
        self.transport.sendto(header + question[:end + 4] + answer, address)


def full_queue():
    """A listening socket whose queue is full: the kernel drops what else comes."""
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
    servers = {"silent": accept_and_wait, "slow": answering(slow), "drip": answering(drip), "throttle": answering(throttle)}
    for name, serve in servers.items():
        server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=1024)
        ports[name] = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    ports["names"] = transport.get_extra_info("sockname")[1]
    print(json.dumps(ports), flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
