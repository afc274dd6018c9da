"""Between an issuer and its PostgreSQL: cuts the connection in the ways that networks and poolers do."""

import socket
import struct
import threading

LISTEN = b"LISTEN"


class Proxy:
    """`with Proxy(server_address) as proxy:`. `mode` may change at any time:

    pass     everything goes through
    cut      connections are closed and new ones refused
    silent   nothing moves, and nothing is closed: a cable that was pulled
    """

    def __init__(self, server, swallow_listen=False, swallow_notifications=False):
        self.server = server
        self.swallow_listen = swallow_listen
        self.swallow_notifications = swallow_notifications
        self.swallowed = 0
        self._mode = "pass"
        self._pairs = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._passing = threading.Event()
        self._passing.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, value):
        with self._lock:
            self._mode = value
            if value == "silent":
                self._passing.clear()
            else:
                self._passing.set()
            if value == "cut":
                for pair in self._pairs:
                    for end in pair:
                        _close(end)
                self._pairs.clear()

    def _accept(self):
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        self._passing.wait()
        try:
            server = socket.create_connection(self.server)
        except OSError:
            _close(client)
            return
        with self._lock:
            if self._mode == "cut" or self._stop.is_set():
                _close(client)
                _close(server)
                return
            self._pairs.add((client, server))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        to_server = _Messages(self.swallow_listen and self._is_listen, has_startup=True)
        to_client = _Messages(self.swallow_notifications and self._is_notification)
        threading.Thread(target=self._pump, args=(client, server, to_server), daemon=True).start()
        self._pump(server, client, to_client)

    def _pump(self, source, target, messages):
        try:
            while data := source.recv(65536):
                self._passing.wait()
                target.sendall(messages.filter(data))
        except OSError:
            pass
        for end in (source, target):
            _close(end)

    def _is_listen(self, kind, body):
        found = kind == b"Q" and body.startswith(LISTEN)
        self.swallowed += found
        return found

    def _is_notification(self, kind, _body):
        self.swallowed += kind == b"A"
        return kind == b"A"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        _close(self._listener)
        self.mode = "cut"


class _Messages:
    """Cuts a stream of PostgreSQL's protocol into messages, without TLS, and leaves out some."""

    def __init__(self, drop, has_startup=False):
        self.drop = drop
        self.startup = has_startup  # the first message has no type
        self.left = b""

    def filter(self, data):
        if not self.drop:
            return data
        self.left += data
        out = b""
        while True:
            start = 0 if self.startup else 1
            if len(self.left) < start + 4:
                return out
            size = start + struct.unpack_from("!I", self.left, start)[0]
            if len(self.left) < size:
                return out
            message, self.left = self.left[:size], self.left[size:]
            if self.startup or not self.drop(message[:1], message[5:]):
                out += message
            self.startup = False


def _close(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
