"""A mail server at the end of a long line: `python -m tests.bench.sink PORT SECONDS FILE`.

It takes every mail; each answer arrives so many seconds after what it answers was sent, as over a line with that round
trip, so commands sent together (PIPELINING) are answered together. For each accepted mail a line goes to the file:
the monotonic clock, and the recipient.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import BinaryIO

_HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 30000000\r\n"
_FINE = b"250 2.0.0 ok\r\n"


class Sink(asyncio.Protocol):
    """One connection."""

    def __init__(self, round_trip: float, file: BinaryIO) -> None:
        self._round_trip, self._file = round_trip, file
        self._buffer = b""
        self._recipients: list[bytes] = []
        self._in_data = self._over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._say(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer everything that is complete."""
        self._buffer += data
        answers = b""
        while (answer := self._next()) is not None:
            answers += answer
        if answers:
            self._say(answers)

    def _next(self) -> bytes | None:
        ending = b"\r\n.\r\n" if self._in_data else b"\r\n"
        part, found, rest = self._buffer.partition(ending)
        if not found:
            return None
        self._buffer = rest
        if self._in_data:
            return self._accepted()
        return self._obey(part)

    def _obey(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return _HELLO
        if verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0])
        if verb in {b"RSET", b"MAIL"}:
            self._recipients = []
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self._over = True
            return b"221 2.0.0 bye\r\n"
        return _FINE

    def _accepted(self) -> bytes:
        self._in_data = False
        now = time.monotonic()
        for each in self._recipients:
            self._file.write(b"%.6f %s\n" % (now, each))
        self._file.flush()
        return _FINE

    def _say(self, answer: bytes) -> None:
        asyncio.get_running_loop().call_later(self._round_trip, self._write, answer, self._over)

    def _write(self, answer: bytes, last: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
        if last:
            self._transport.close()


async def _serve(port: int, round_trip: float, path: Path) -> None:
    with path.open("ab") as file:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Sink(round_trip, file), "127.0.0.1", port, backlog=512)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])))
