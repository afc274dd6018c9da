#include "workload/incoming_device.hpp"

#include <array>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace workload {

namespace {

// <linux/in6.h> clashes with <netinet/in.h>. The RFC 2292 option is what answers on TCP sockets.
constexpr int ipv6_2292_pktoptions = 6;

// On TCP, *_PKTOPTIONS answers from what the connection's handshake left in the socket: Linux keeps
// the device of the SYN there (tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock). The *_PKTINFO switch
// chooses what is told and is put back, since it makes the stack keep options of every packet.
template <class Info>
std::uint32_t ask(int fd, int level, int switch_option, int read_option, int wanted_type,
                  std::uint32_t (*index_of)(const Info&)) {
    const int on = 1;
    const int off = 0;
    if (::setsockopt(fd, level, switch_option, &on, sizeof on) != 0) return 0;
    alignas(cmsghdr) std::array<char, 512> buffer{};
    socklen_t size = buffer.size();
    const int got = ::getsockopt(fd, level, read_option, buffer.data(), &size);
    ::setsockopt(fd, level, switch_option, &off, sizeof off);
    if (got != 0 || size > buffer.size()) return 0;

    msghdr message{};
    message.msg_control = buffer.data();
    message.msg_controllen = size;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != level || c->cmsg_type != wanted_type ||
            c->cmsg_len < CMSG_LEN(sizeof(Info)))
            continue;
        Info info{};
        std::memcpy(&info, CMSG_DATA(c), sizeof info);
        return index_of(info);
    }
    return 0;
}

}  // namespace

std::uint32_t incoming_device(int fd) {
    int family = 0;
    socklen_t size = sizeof family;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return 0;
    if (family == AF_INET)
        return ask<in_pktinfo>(fd, SOL_IP, IP_PKTINFO, IP_PKTOPTIONS, IP_PKTINFO,
                               [](const in_pktinfo& i) { return std::uint32_t(i.ipi_ifindex); });
    if (family == AF_INET6)
        return ask<in6_pktinfo>(fd, SOL_IPV6, IPV6_RECVPKTINFO, ipv6_2292_pktoptions, IPV6_PKTINFO,
                                [](const in6_pktinfo& i) { return std::uint32_t(i.ipi6_ifindex); });
    return 0;
}

std::string device_name(int fd, std::uint32_t index) {
    if (index == 0) return {};
    ifreq question{};
    question.ifr_ifindex = int(index);
    if (::ioctl(fd, SIOCGIFNAME, &question) != 0) return {};
    return std::string(question.ifr_name, ::strnlen(question.ifr_name, sizeof question.ifr_name));
}

}  // namespace workload
