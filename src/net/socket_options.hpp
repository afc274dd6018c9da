#pragma once

namespace net {

/// Sets the IP TTL and the IPv6 hop limit of what the socket sends from now on; 0 restores the
/// host's default. On dual-stack sockets both matter. No-op on unix sockets.
void set_hop_limit(int fd, int limit);

/// True when the peer has acknowledged everything that was sent (SIOCOUTQ is zero).
bool send_queue_empty(int fd);

/// True when the peer has sent what was not read yet (FIONREAD).
bool input_waiting(int fd);

/// Makes close(2) drop what is unsent and send a reset.
void reset_on_close(int fd);

}  // namespace net
