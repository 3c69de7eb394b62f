"""A wire between the product and a server that can be cut: what is behind it is then refused, or never answers."""

import asyncio
import contextlib
import threading
from typing import Any

from tests.end_to_end.product import free_ports


class Wire:
    """A TCP proxy in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._is_refusing = False
        self._open: set[asyncio.StreamWriter] = set()
        with free_ports(1) as own:
            self.port = own
        self._thread = threading.Thread(target=self._serve, name="wire", daemon=True)

    def __enter__(self) -> "Wire":
        self._thread.start()
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def mend(self) -> None:
        """All is well."""
        self._do(self._mend)

    def block(self, *, silently: bool) -> None:
        """Nothing passes: connections stay but no byte comes through, or everything is refused."""
        self._do(self._block, silently)

    def cut(self) -> None:
        """End every connection once; new ones are welcome."""
        self._do(self._close_all)

    def _do(self, act: Any, *arguments: Any) -> None:
        done = threading.Event()

        def run() -> None:
            act(*arguments)
            done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait(5)

    def _mend(self) -> None:
        self._is_refusing = False
        self._flows.set()

    def _block(self, silently: bool) -> None:
        if silently:
            self._flows.clear()
        else:
            self._is_refusing = True
            self._close_all()

    def _close_all(self) -> None:
        for each in list(self._open):
            each.transport.abort()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", self.port))
        try:
            self._loop.run_forever()
        finally:
            server.close()
            pending = asyncio.all_tasks(self._loop)
            for each in pending:
                each.cancel()
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
