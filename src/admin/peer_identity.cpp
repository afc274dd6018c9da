#include "admin/peer_identity.hpp"

#include <cerrno>
#include <fstream>
#include <sys/socket.h>
#include <system_error>

namespace admin {

namespace {

// NGROUPS_MAX of the kernel: no process has more.
constexpr std::size_t most_groups = 65536;

std::vector<std::uint32_t> peer_groups(int fd) {
    std::vector<gid_t> groups(64);
    for (;;) {
        socklen_t bytes = socklen_t(groups.size() * sizeof(gid_t));
        if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
            groups.resize(bytes / sizeof(gid_t));
            return {groups.begin(), groups.end()};
        }
        // ERANGE: the kernel has put the size that it needs into `bytes`.
        const std::size_t needed = bytes / sizeof(gid_t);
        if (errno != ERANGE || needed <= groups.size() || needed > most_groups) return {};
        groups.resize(needed);
    }
}

}  // namespace

base::result<identified_peer> identify(int fd) {
    ucred credentials{};
    socklen_t bytes = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) {
        return base::unavailable("SO_PEERCRED: " + std::generic_category().message(errno));
    }
    // The kernel answers pid 0 for a peer that it cannot name (another pid namespace, or no
    // AF_UNIX stream socket at all); ids are then -1.
    if (credentials.uid == uid_t(-1) || credentials.gid == gid_t(-1)) {
        return base::unavailable("the socket has no peer credentials");
    }
    identified_peer found;
    found.who.uid = credentials.uid;
    found.who.gid = credentials.gid;
    found.who.pid = credentials.pid;
    found.groups = peer_groups(fd);
    return found;
}

std::uint32_t overflow_uid() {
    std::uint32_t value = 0;
    std::ifstream file("/proc/sys/kernel/overflowuid");
    return file >> value ? value : operators{}.overflow_uid;
}

}  // namespace admin
