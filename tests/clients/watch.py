"""What programs ask of the metadata service, read off the loopback device of a namespace."""

import re
import threading
from typing import NamedTuple

import namespaces
from daemon import TOKEN
from packets import Capture

_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n(.*?\r\n)\r\n", re.S)
_TOKEN = re.compile(rb"^%s: *\S" % TOKEN.encode(), re.I | re.M)


class Request(NamedTuple):
    method: str
    path: str
    with_token: bool


class Watch:
    """`with Watch(host) as watch:`; afterwards `watch.requests` has what was sent to the link-local
    address, connection by connection in the order of their first packets."""

    def __init__(self, host, port=80):
        self.requests = []
        made = []

        def open_inside():
            # A socket stays in the namespace it was made in; the thread's ends with it.
            try:
                namespaces.enter(host.world.names["host"])
                made.append(Capture(port))
            except Exception as error:  # noqa: BLE001 - raised again below
                made.append(error)
        thread = threading.Thread(target=open_inside)
        thread.start()
        thread.join()
        if isinstance(made[0], Exception):
            raise made[0]
        self._capture = made[0]

    def __enter__(self):
        self._capture.__enter__()
        return self

    def __exit__(self, *reason):
        self._capture.__exit__(*reason)
        streams = {}
        for packet in self._capture.packets:
            if packet.destination == self._capture.port and packet.payload:
                # What was sent twice counts once.
                streams.setdefault(packet.source, {}).setdefault(packet.sequence, packet.payload)
        for parts in streams.values():
            self.requests += [
                Request(method.decode(), path.decode(errors="replace"), bool(_TOKEN.search(fields)))
                for method, path, fields in _REQUEST.findall(b"".join(parts.values()))]
