#include "workload/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace workload {

namespace {

// <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>, both of which clash with libc.
constexpr int so_original_dst = 80;

std::optional<endpoint> from_sockaddr(const sockaddr_storage& stored) {
    endpoint place;
    if (stored.ss_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &stored, sizeof four);
        place.address = base::ip_address::v4(ntohl(four.sin_addr.s_addr));
        place.port = ntohs(four.sin_port);
        return place;
    }
    if (stored.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &stored, sizeof six);
        std::array<std::uint8_t, 16> bytes{};
        std::copy(std::begin(six.sin6_addr.s6_addr), std::end(six.sin6_addr.s6_addr),
                  bytes.begin());
        place.address = base::ip_address::v6(bytes);
        place.port = ntohs(six.sin6_port);
        place.scope = six.sin6_scope_id;
        return place;
    }
    return std::nullopt;
}

}  // namespace

std::optional<endpoint> peer_of(int fd) {
    sockaddr_storage stored{};
    socklen_t size = sizeof stored;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&stored), &size) != 0) return std::nullopt;
    return from_sockaddr(stored);
}

std::optional<endpoint> local_of(int fd) {
    sockaddr_storage stored{};
    socklen_t size = sizeof stored;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&stored), &size) != 0) return std::nullopt;
    return from_sockaddr(stored);
}

std::optional<endpoint> original_destination(int fd, bool over_v6) {
    sockaddr_storage stored{};
    socklen_t size = over_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const int level = over_v6 ? SOL_IPV6 : SOL_IP;
    if (::getsockopt(fd, level, so_original_dst, &stored, &size) != 0) return std::nullopt;
    return from_sockaddr(stored);
}

}  // namespace workload
