"""Starts a program with a listening socket, as a service manager would (sd_listen_fds(3))."""

import sys

# Run with `python3 -c`: the program's user may not be allowed to read this tree.
_LAUNCHER = """
import os, socket, sys
name, host, port = sys.argv[1:4]
with socket.socket(socket.AF_INET6) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind((host, int(port)))
    s.listen(128)
    if s.fileno() == 3:
        os.set_inheritable(3, True)
        s.detach()
    else:
        os.dup2(s.fileno(), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": name}
os.execv(sys.argv[4], sys.argv[4:])
"""


def dual_stack(name, port, host="::"):
    """Words to put before a command: it gets a socket of that name for IPv6 and, with mapped
    addresses, for IPv4."""
    return [sys.executable, "-c", _LAUNCHER, name, host, str(port)]
