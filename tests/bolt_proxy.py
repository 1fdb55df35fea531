"""A network between Kith and a Neo4j server that can be made slow, or cut in the middle of a transaction."""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Proxy:
    """Pass bytes on to a server: `delay` seconds before each answer, `cut` the share of answers lost.

    A cut answer is lost with its connection, after the server has done the work: whoever asked cannot know.
    """

    def __init__(self, target: str, seed: int = 1) -> None:
        self.delay = 0.0
        self.cut = 0.0
        self.cuts = 0
        self._target = (str(urlsplit(target).hostname), int(urlsplit(target).port or 7687))
        self._chance = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
        _hang_up(client, server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                time.sleep(self.delay)
                if self._chance.random() < self.cut:
                    self.cuts += 1
                    break
                client.sendall(data)
        _hang_up(client, server)


def _hang_up(*ends: socket.socket) -> None:
    """Close both ends, also under a thread that still reads from one."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    """Run a proxy before a server."""
    between = Proxy(target)
    try:
        yield between
    finally:
        between.close()
