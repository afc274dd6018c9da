#include <charconv>
#include <fstream>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

#include "workload/endpoint.hpp"
#include "workload/incoming_device.hpp"
#include "workload/netlink_socket.hpp"
#include "workload/peer_inspector.hpp"
#include "workload/route_query.hpp"
#include "workload/socket_query.hpp"

namespace workload {

namespace {

using binding::caller;

// <asm-generic/socket.h>, since Linux 5.14; missing from older libc headers.
constexpr int so_netns_cookie = 71;

// The kernel's id of the cgroup2 root: what every socket outside any cgroup carries.
constexpr std::uint64_t root_cgroup_id = 1;

constexpr std::string_view why_closed = "the socket was closed before it could be identified";
constexpr std::string_view why_no_answer = "the kernel gave no answer about the socket";
constexpr std::string_view why_not_tcp = "the connection is gone or not a TCP connection";
constexpr std::string_view why_overflow = "the caller's user is not mapped (overflow uid)";
constexpr std::string_view why_redirected =
    "the connection was redirected (NAT), so its owner cannot be told";
constexpr std::string_view why_foreign_namespace =
    "the listening socket belongs to another network namespace";
constexpr std::string_view why_no_route = "the caller's address has no route from here";

std::uint32_t read_overflow_uid() {
    std::uint32_t uid = 65534;  // the kernel's default
    std::ifstream("/proc/sys/kernel/overflowuid") >> uid;
    return uid;
}

std::optional<std::uint64_t> namespace_cookie(int fd) {
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (::getsockopt(fd, SOL_SOCKET, so_netns_cookie, &cookie, &size) != 0) return std::nullopt;
    return cookie;
}

class sock_diag_inspector final : public peer_inspector {
public:
    sock_diag_inspector()
        : sock_diag_(NETLINK_SOCK_DIAG),
          route_(NETLINK_ROUTE),
          namespace_(namespace_cookie(sock_diag_.fd())),
          overflow_uid_(read_overflow_uid()) {
        check_sock_diag(sock_diag_);
    }

    caller inspect(int fd) override {
        const auto peer = peer_of(fd);
        const auto local = local_of(fd);
        caller who;
        if (!peer || !local) {
            who.why_unknown = why_not_tcp;
            return who;
        }
        who.address = peer->address;
        // An inherited listener may live in another network namespace, where the same addresses
        // and ports belong to other sockets.
        if (namespace_ && namespace_cookie(fd) != namespace_) {
            who.why_unknown = why_foreign_namespace;
            return who;
        }

        auto answer = query_socket(sock_diag_, *peer, *local, peer->scope);
        if (answer.what == socket_answer::outcome::absent) {
            const auto device = incoming_device(fd);
            const auto place = place_of(route_, peer->address, peer->scope);
            if (place == address_place::elsewhere) {
                who.from = caller::origin::network;
                who.interface = device_name(fd, device);
                return who;
            }
            if (place == address_place::unclear) {
                who.why_unknown = why_no_route;
                return who;
            }
            // A client that is bound to a device (SO_BINDTODEVICE) is found with it only.
            if (device != 0 && device != peer->scope)
                answer = query_socket(sock_diag_, *peer, *local, device);
        }
        const bool redirected = is_redirected(fd, *local);
        // Only while our end is connected is the 4-tuple taken: after a reset, another process
        // could have got the same one. (getpeername fails once a TCP socket has left its
        // connection.)
        if (!peer_of(fd)) answer = {socket_answer::outcome::absent, {}};
        identify(who, answer, redirected);
        return who;
    }

private:
    // After DNAT or REDIRECT the caller's own socket is connected to another address than ours; a
    // socket that bears our 4-tuple then belongs to somebody else.
    static bool is_redirected(int fd, const endpoint& local) {
        const auto original = original_destination(fd, !local.address.is_v4());
        return original && !original->same_place(local);
    }

    void identify(caller& who, const socket_answer& answer, bool redirected) const {
        const auto& facts = answer.facts;
        if (redirected) {
            who.why_unknown = why_redirected;
        } else if (answer.what == socket_answer::outcome::failed) {
            who.why_unknown = why_no_answer;
        } else if (answer.what == socket_answer::outcome::absent || facts.inode == 0 ||
                   (facts.state != TCP_ESTABLISHED && facts.state != TCP_CLOSE_WAIT)) {
            // The kernel may report uid 0 for a socket that no process holds any more.
            who.why_unknown = why_closed;
        } else if (facts.uid == overflow_uid_) {
            who.why_unknown = why_overflow;
        } else {
            who.from = caller::origin::local;
            who.uid = facts.uid;
            if (facts.cgroup_id && *facts.cgroup_id > root_cgroup_id)
                who.cgroup_id = facts.cgroup_id;
        }
    }

    netlink_socket sock_diag_;
    netlink_socket route_;
    std::optional<std::uint64_t> namespace_;
    std::uint32_t overflow_uid_;
};

}  // namespace

std::unique_ptr<peer_inspector> make_sock_diag_inspector() {
    return std::make_unique<sock_diag_inspector>();
}

}  // namespace workload
