#include "net/socket_options.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace net {

void set_hop_limit(int fd, int limit) {
    const int value = limit == 0 ? -1 : limit;
    ::setsockopt(fd, IPPROTO_IP, IP_TTL, &value, sizeof value);
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, sizeof value);
}

bool send_queue_empty(int fd) {
    int waiting = 0;
    return ::ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

bool input_waiting(int fd) {
    int waiting = 0;
    return ::ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

void reset_on_close(int fd) {
    const linger now{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace net
