"""Packets as they are on the loopback device. Needs CAP_NET_RAW."""

import socket
import struct
import threading
import time
from typing import NamedTuple

from suite import Skip

_ETH_P_ALL = 3


class Packet(NamedTuple):
    ttl: int
    source: int       # port
    destination: int  # port
    syn: bool
    payload: bytes
    sequence: int     # of its first byte


def _parse(frame):
    if frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_TCP:
        return None
    ip = frame[14:]
    header = (ip[0] & 15) * 4
    total = struct.unpack_from("!H", ip, 2)[0]
    tcp = ip[header:total]
    source, destination = struct.unpack_from("!HH", tcp)
    return Packet(ip[8], source, destination, bool(tcp[13] & 2), tcp[(tcp[12] >> 4) * 4:],
                  struct.unpack_from("!I", tcp, 4)[0])


class Capture:
    """TCP over IPv4 from and to one port, while the block runs."""

    def __init__(self, port, device="lo"):
        self.port, self.packets = port, []
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        except PermissionError:
            raise Skip("needs CAP_NET_RAW to look at packets") from None
        self._socket.bind((device, 0))
        self._socket.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _read(self):
        """Until nothing more comes after the block's end; on a busy device, for a while after it."""
        end = None
        while end is None or time.monotonic() < end:
            if end is None and self._stop.is_set():
                end = time.monotonic() + 1
            try:
                frame, where = self._socket.recvfrom(65536)
            except TimeoutError:
                if self._stop.is_set():
                    return
                continue
            # The loopback device shows each packet twice: going out, coming in.
            if where[2] != socket.PACKET_OUTGOING:
                packet = _parse(frame)
                if packet and self.port in (packet.source, packet.destination):
                    self.packets.append(packet)

    def from_server(self):
        return [packet for packet in self.packets if packet.source == self.port]
