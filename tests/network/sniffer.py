"""TCP packets that arrive at a device of this namespace, IPv4 and IPv6, with their TTL or hop limit."""

import socket
import struct
import time
from typing import NamedTuple

_ETH_P_ALL, _ETH_P_IP, _ETH_P_IPV6 = 3, 0x0800, 0x86DD


class Packet(NamedTuple):
    ttl: int
    source: int  # port
    syn: bool
    reset: bool
    payload: bytes


class Sniffer:
    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self.socket.bind((device, 0))

    def arrived(self, port, within=0.3):
        """What has come from that port, until nothing more comes for a moment."""
        packets = []
        self.socket.settimeout(within)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                data, where = self.socket.recvfrom(65536)
            except TimeoutError:
                break
            packet = _parse(data, where[1]) if where[2] != socket.PACKET_OUTGOING else None
            if packet and packet.source == port:
                packets.append(packet)
        return packets


def _parse(data, protocol):
    if protocol == _ETH_P_IP and data[9] == socket.IPPROTO_TCP:
        header, ttl = (data[0] & 15) * 4, data[8]
        end = struct.unpack_from("!H", data, 2)[0]
    elif protocol == _ETH_P_IPV6 and data[6] == socket.IPPROTO_TCP:
        header, ttl = 40, data[7]
        end = 40 + struct.unpack_from("!H", data, 4)[0]
    else:
        return None
    tcp = data[header:end]
    return Packet(ttl, struct.unpack_from("!H", tcp)[0], bool(tcp[13] & 2), bool(tcp[13] & 4),
                  tcp[(tcp[12] >> 4) * 4:])
