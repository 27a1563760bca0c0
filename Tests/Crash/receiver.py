"""The receiver of the crash test: answers 200, sometimes 500, and logs every request before it answers.

    python receiver.py LOG FAILING-PER-CENT [DELAY-IN-MS]

Prints its port. Each line of the log contains status, delivery, attempt, SHA-256 of the body, event.
"""
import asyncio
import hashlib
import random
import sys

LOG = open(sys.argv[1], "a", buffering=1)
FAILING = int(sys.argv[2])
DELAY = int((sys.argv[3:] or ["0"])[0]) / 1000


class Connection(asyncio.Protocol):
    def __init__(self):
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin1").split("\r\n")
            fields = dict((name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in head[1:]))
            length = int(fields.get("content-length", 0))
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4:end + 4 + length]
            self.buffer = self.buffer[end + 4 + length:]
            status = 500 if random.randrange(100) < FAILING else 200
            LOG.write("\t".join([
                str(status), fields["x-taskflow-delivery-id"], fields["x-taskflow-delivery-attempt"],
                hashlib.sha256(body).hexdigest(), fields["webhook-id"]]) + "\n")
            reason = "OK" if status == 200 else "Internal Server Error"
            answer = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\n\r\n".encode()
            if DELAY:
                asyncio.get_running_loop().call_later(DELAY, self.transport.write, answer)
            else:
                self.transport.write(answer)


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
