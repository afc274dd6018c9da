#include "net/listen.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace net {

namespace {

constexpr int backlog = 1024;

base::error failure(const std::string& what, int number) {
    return base::unavailable(what + ": " + std::strerror(number));
}

/// Closes on the way out of a failed set-up.
class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

private:
    int fd_;
};

}  // namespace

base::result<int> listen_tcp(const tcp_address& where) {
    sockaddr_storage storage{};
    socklen_t size = 0;
    auto* four = reinterpret_cast<sockaddr_in*>(&storage);
    auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, where.address.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(where.port);
        size = sizeof *four;
    } else if (::inet_pton(AF_INET6, where.address.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(where.port);
        size = sizeof *six;
    } else {
        return base::invalid("'" + where.address + "' is not an IP address");
    }
    const std::string shown = where.address + " port " + std::to_string(where.port);
    descriptor fd(
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (fd.get() < 0) return failure("cannot make a socket for " + shown, errno);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (where.shared_port &&
        ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
        return failure("cannot share " + shown + " between workers", errno);
    }
    if (storage.ss_family == AF_INET6) {
        ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (!where.interface.empty() &&
        ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, where.interface.c_str(),
                     socklen_t(where.interface.size() + 1)) != 0) {
        return failure("cannot bind " + shown + " to the device '" + where.interface + "'", errno);
    }
    // Inherited by accepted sockets: answers are written whole, and waiting for more only delays.
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
        const int number = errno;
        std::string help;
        if (number == EADDRNOTAVAIL)
            help = " (the address is not on this host; add it to lo first)";
        if (number == EADDRINUSE) help = " (another program listens there)";
        if (number == EACCES)
            help = " (ports below 1024 need CAP_NET_BIND_SERVICE or socket activation)";
        return failure("cannot listen on " + shown + help, number);
    }
    if (::listen(fd.get(), backlog) != 0) return failure("cannot listen on " + shown, errno);
    return fd.release();
}

bool host_has_ipv6() {
    ifaddrs* all = nullptr;
    // Not knowing is no reason to leave a listener out.
    if (::getifaddrs(&all) != 0) return true;
    bool found = false;
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next)
        found = found || (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET6);
    ::freeifaddrs(all);
    return found;
}

base::result<int> listen_unix(const std::string& path, unsigned mode) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return base::invalid("the socket path '" + path + "' is empty or longer than " +
                             std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    {
        descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(probe.get(), name, sizeof address) == 0) {
            return base::unavailable("something already listens on " + path);
        }
        struct stat there {};
        if (::lstat(path.c_str(), &there) == 0) {
            if (!S_ISSOCK(there.st_mode)) {
                return base::invalid(path + " exists and is not a socket; move it away");
            }
            ::unlink(path.c_str());
        }
    }
    descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.get() < 0) return failure("cannot make a unix socket", errno);
    if (::bind(fd.get(), name, sizeof address) != 0) return failure("cannot bind " + path, errno);
    if (::chmod(path.c_str(), mode_t(mode)) != 0)
        return failure("cannot set the mode of " + path, errno);
    if (::listen(fd.get(), 64) != 0) return failure("cannot listen on " + path, errno);
    return fd.release();
}

base::result<std::string> local_address(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return failure("not a socket", errno);
    }
    char text[INET6_ADDRSTRLEN];
    if (storage.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(storage);
        ::inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
        return std::string(text) + ":" + std::to_string(ntohs(four.sin_port));
    }
    if (storage.ss_family == AF_INET6) {
        const auto& six = reinterpret_cast<const sockaddr_in6&>(storage);
        ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
        return "[" + std::string(text) + "]:" + std::to_string(ntohs(six.sin6_port));
    }
    if (storage.ss_family == AF_UNIX) {
        return std::string(reinterpret_cast<const sockaddr_un&>(storage).sun_path);
    }
    return base::invalid("the socket is neither TCP nor unix");
}

base::result<std::uint16_t> local_port(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return failure("not a socket", errno);
    }
    if (storage.ss_family == AF_INET) {
        return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
    }
    if (storage.ss_family == AF_INET6) {
        return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
    }
    return base::invalid("the socket has no port");
}

base::result<int> duplicate(int fd) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return failure("cannot duplicate a descriptor", errno);
    return copy;
}

}  // namespace net
