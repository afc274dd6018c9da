#include "workload/socket_query.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "workload/netlink_attributes.hpp"

namespace workload {

namespace {

struct request {
    nlmsghdr header;
    inet_diag_req_v2 body;
};

// In an IPv4 question the kernel looks at the first word of an address only. It is IPv4 whenever
// both ends are, also between IPv6 sockets: mapped connections live in the IPv4 table.
void put_address(__be32 (&out)[4], const base::ip_address& address) {
    const auto& bytes = address.bytes();
    if (address.is_v4())
        std::memcpy(&out[0], bytes.data() + 12, 4);
    else
        std::memcpy(&out[0], bytes.data(), 16);
}

base::ip_address get_address(std::uint8_t family, const __be32 (&in)[4]) {
    if (family == AF_INET) return base::ip_address::v4(ntohl(in[0]));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in[0], bytes.size());
    return base::ip_address::v6(bytes);
}

request make_request(const endpoint& own, const endpoint& other, std::uint32_t device) {
    request ask{};
    ask.header.nlmsg_len = sizeof ask;
    ask.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    ask.header.nlmsg_flags = NLM_F_REQUEST;
    ask.body.sdiag_family = own.address.is_v4() && other.address.is_v4() ? std::uint8_t(AF_INET)
                                                                         : std::uint8_t(AF_INET6);
    ask.body.sdiag_protocol = IPPROTO_TCP;
    ask.body.idiag_states = ~0u;
    ask.body.id.idiag_sport = htons(own.port);
    ask.body.id.idiag_dport = htons(other.port);
    put_address(ask.body.id.idiag_src, own.address);
    put_address(ask.body.id.idiag_dst, other.address);
    ask.body.id.idiag_if = device;
    ask.body.id.idiag_cookie[0] = ask.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return ask;
}

}  // namespace

socket_answer query_socket(netlink_socket& sock_diag, const endpoint& own, const endpoint& other,
                           std::uint32_t device) {
    request ask = make_request(own, other, device);
    const auto reply = sock_diag.ask(std::as_writable_bytes(std::span(&ask, 1)));
    if (reply.error == ENOENT) return {socket_answer::outcome::absent, {}};
    inet_diag_msg message{};
    if (reply.error != 0 || reply.type != SOCK_DIAG_BY_FAMILY ||
        reply.payload.size() < sizeof message)
        return {};
    std::memcpy(&message, reply.payload.data(), sizeof message);
    if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6) return {};

    const endpoint told_own{get_address(message.idiag_family, message.id.idiag_src),
                            ntohs(message.id.idiag_sport), 0};
    const endpoint told_other{get_address(message.idiag_family, message.id.idiag_dst),
                              ntohs(message.id.idiag_dport), 0};
    if (!told_own.same_place(own) || !told_other.same_place(other))
        return {socket_answer::outcome::absent, {}};

    socket_answer answer;
    answer.what = socket_answer::outcome::found;
    answer.facts.uid = message.idiag_uid;
    answer.facts.inode = message.idiag_inode;
    answer.facts.state = message.idiag_state;
    const std::size_t attributes = NLMSG_ALIGN(sizeof message);
    if (reply.payload.size() > attributes)
        answer.facts.cgroup_id =
            find_attribute<std::uint64_t>(reply.payload.subspan(attributes), INET_DIAG_CGROUP_ID);
    return answer;
}

void check_sock_diag(netlink_socket& sock_diag) {
    struct owned_fd {
        int fd;
        ~owned_fd() { ::close(fd); }
    };
    const owned_fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener.fd, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) != 0 ||
        ::listen(listener.fd, 1) != 0)
        throw std::system_error(errno, std::generic_category(), "sock_diag check: loopback");
    struct stat status {};
    const auto place = local_of(listener.fd);
    if (!place || ::fstat(listener.fd, &status) != 0)
        throw std::system_error(errno, std::generic_category(), "sock_diag check: own socket");
    // A listener's other end is 0.0.0.0:0.
    const endpoint nowhere{base::ip_address::v4(0), 0, 0};
    const auto answer = query_socket(sock_diag, *place, nowhere, 0);
    if (answer.what != socket_answer::outcome::found || answer.facts.state != TCP_LISTEN ||
        answer.facts.inode != status.st_ino)
        throw std::system_error(ENOSYS, std::generic_category(),
                                "the kernel does not answer sock_diag questions about TCP sockets "
                                "(inet_diag and tcp_diag are needed)");
}

}  // namespace workload
