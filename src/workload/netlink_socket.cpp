#include "workload/netlink_socket.hpp"

#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace workload {

namespace {

// inet_diag and route answers to exact questions stay well under 1 KiB; what is longer is not ours.
constexpr std::size_t largest_answer = 8192;

}  // namespace

netlink_socket::netlink_socket(int protocol) : buffer_(largest_answer) {
    fd_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "netlink socket");
    // Connected to port 0 (the kernel): a message from any other process is refused by the kernel.
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) != 0) {
        const int error = errno;
        ::close(fd_);
        throw std::system_error(error, std::generic_category(), "netlink connect");
    }
}

netlink_socket::~netlink_socket() {
    ::close(fd_);
}

netlink_socket::reply netlink_socket::ask(std::span<std::byte> request) {
    const reply first = exchange(request);
    if (first.error != ENOBUFS && first.error != EINTR) return first;
    return exchange(request);
}

netlink_socket::reply netlink_socket::exchange(std::span<std::byte> request) {
    const std::uint32_t sequence = ++sequence_;
    std::memcpy(request.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
    if (::send(fd_, request.data(), request.size(), MSG_DONTWAIT) < 0) return {errno, 0, {}};

    for (;;) {
        const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC);
        // EAGAIN: the kernel had no answer for us, which netlink does not do for a valid request.
        if (got < 0) return {errno, 0, {}};
        nlmsghdr header{};
        if (std::size_t(got) > buffer_.size()) return {EMSGSIZE, 0, {}};
        if (std::size_t(got) < sizeof header) return {EBADMSG, 0, {}};
        std::memcpy(&header, buffer_.data(), sizeof header);
        if (header.nlmsg_seq != sequence) continue;
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > std::size_t(got))
            return {EBADMSG, 0, {}};
        const auto payload = std::span<const std::byte>(buffer_).subspan(
            NLMSG_HDRLEN, header.nlmsg_len - std::size_t(NLMSG_HDRLEN));
        if (header.nlmsg_type != NLMSG_ERROR) return {0, header.nlmsg_type, payload};
        int error = 0;
        if (payload.size() < sizeof error) return {EBADMSG, 0, {}};
        std::memcpy(&error, payload.data(), sizeof error);
        // 0 would be an acknowledgement, which is never asked for.
        return {error < 0 ? -error : EBADMSG, 0, {}};
    }
}

}  // namespace workload
