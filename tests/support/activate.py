"""Starts a program as systemd's socket activation would: activate.py NAME=ADDRESS... -- PROGRAM...

ADDRESS is IPv4:PORT (port 0: any free one; equal ones share what the first got), [IPv6]:PORT (which
IPv4 clients reach as well when it is [::], as systemd's do), `unix:PATH`, or `udp`. The sockets are descriptors 3 and up, with SO_REUSEPORT, in the order given."""

import fcntl
import os
import socket
import sys


def make(address, ports):
    if address == "udp":
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        return made
    if address.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX)
        made.bind(address[5:])
    else:
        host, port = address.rsplit(":", 1)
        made = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host.strip("[]"), ports.get(address, int(port))))
        ports[address] = made.getsockname()[1]
    made.listen(64)
    return made


def main(arguments):
    split = arguments.index("--")
    ports, names, high = {}, [], []
    for argument in arguments[:split]:
        name, address = argument.split("=", 1)
        names.append(name)
        # Out of the way of 3 and up; the original is closed by the exec.
        high.append(fcntl.fcntl(make(address, ports), fcntl.F_DUPFD_CLOEXEC, 64))
    for place, descriptor in enumerate(high):
        os.dup2(descriptor, 3 + place)
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(names)),
                   "LISTEN_FDNAMES": ":".join(names)}
    program = arguments[split + 1:]
    os.execv(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
