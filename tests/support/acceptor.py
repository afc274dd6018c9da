"""A listening socket whose connections are served, and that is really gone when it is closed."""

import socket
import threading


class Acceptor:
    """Hands each connection of `listening` to `serve(connection)` on a thread of its own."""

    def __init__(self, listening, serve):
        self.listening = listening
        self.serve = serve
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        """The thread has ended before the descriptor is closed. A plain close would leave it waiting
        with the port still open, or let it accept on the next listener, which gets the same number."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join(30)
        assert not self.thread.is_alive(), "the acceptor does not end"
        self.listening.close()
