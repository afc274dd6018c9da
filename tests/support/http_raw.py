"""HTTP/1.x by hand: what is sent is exactly what the test wrote, what comes back is kept as it came."""

import socket
import time


class Closed(Exception):
    """The server closed (or reset) before a complete answer had come."""

    def __init__(self, received):
        super().__init__(f"closed after {received!r}")
        self.received = received


class Response:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.status_line = lines[0]
        version, code, self.reason = (lines[0].split(" ", 2) + [""])[:3]
        self.version, self.status = version, int(code)
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        self.head, self.body = head, body

    def get(self, name):
        """The value of a header that occurs at most once; None when it is absent."""
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        if len(values) > 1:
            raise AssertionError(f"{name} occurs {len(values)} times")
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    def __repr__(self):
        return f"<{self.status_line} | {self.body[:120]!r}>"


class Connection:
    """One TCP connection. `address` is (host, port)."""

    def __init__(self, address, timeout=10.0, source=None):
        self.socket = socket.create_connection(address, timeout=timeout, source_address=source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(self.buffer)
        self.buffer += data

    def receive(self, head_only=False):
        """The next answer. `head_only`: it belongs to a HEAD request and has no body."""
        while True:
            while b"\r\n\r\n" not in self.buffer:
                self._more()
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            answer = Response(head, b"")
            if answer.status != 100:
                break
        length = answer.get("Content-Length")
        if length is None:
            raise AssertionError(f"no Content-Length in {head!r}")
        if not head_only:
            while len(self.buffer) < int(length):
                self._more()
            answer.body, self.buffer = self.buffer[: int(length)], self.buffer[int(length):]
        return answer

    def exchange(self, data, head_only=None):
        self.send(data)
        return self.receive(data.startswith(b"HEAD ") if head_only is None else head_only)

    def is_closed(self, within=5.0):
        """True when the server closes, without another byte, within that time."""
        self.socket.settimeout(within)
        try:
            return not self.buffer and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def build(method, target, headers=(), body=b"", host="127.0.0.1", version="1.1"):
    """A request as bytes. Header values and the target may be text or bytes."""
    def raw(text):
        return text if isinstance(text, bytes) else text.encode("latin-1")

    lines = [raw(method) + b" " + raw(target) + b" HTTP/" + raw(version)]
    if host is not None:
        lines.append(b"Host: " + raw(host))
    for name, value in dict(headers).items() if isinstance(headers, dict) else headers:
        lines.append(raw(name) + b": " + raw(value))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def ask(address, data, timeout=10.0):
    """One request on a connection of its own."""
    with Connection(address, timeout) as connection:
        return connection.exchange(data)


def wait_until(condition, within=10.0, what="condition"):
    """Polls; for what another process does in its own time."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.02)
