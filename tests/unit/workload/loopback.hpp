#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

/// Real TCP sockets for tests; every failure throws std::system_error.
class test_socket {
public:
    explicit test_socket(int fd) : fd_(fd) {
        if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
    }
    test_socket(test_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ~test_socket() { close(); }

    int fd() const { return fd_; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

private:
    int fd_;
};

inline void check_call(int returned, const char* what) {
    if (returned != 0) throw std::system_error(errno, std::generic_category(), what);
}

struct test_address {
    sockaddr_storage stored{};
    socklen_t size = 0;

    test_address(const std::string& text, std::uint16_t port) {
        if (text.find(':') == std::string::npos) {
            sockaddr_in four{};
            four.sin_family = AF_INET;
            four.sin_port = htons(port);
            ::inet_pton(AF_INET, text.c_str(), &four.sin_addr);
            size = sizeof four;
            std::memcpy(&stored, &four, sizeof four);
        } else {
            sockaddr_in6 six{};
            six.sin6_family = AF_INET6;
            six.sin6_port = htons(port);
            ::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr);
            size = sizeof six;
            std::memcpy(&stored, &six, sizeof six);
        }
    }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&stored); }
    int family() const { return stored.ss_family; }
};

class test_listener {
public:
    explicit test_listener(const std::string& address) : test_listener(test_address(address, 0)) {}

    std::uint16_t port() const { return port_; }
    test_socket accept() const {
        return test_socket(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    }

private:
    explicit test_listener(const test_address& at)
        : socket_(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int off = 0;
        if (at.family() == AF_INET6)
            check_call(::setsockopt(socket_.fd(), SOL_IPV6, IPV6_V6ONLY, &off, sizeof off),
                       "v6only");
        check_call(::bind(socket_.fd(), at.get(), at.size), "bind");
        check_call(::listen(socket_.fd(), 16), "listen");
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        check_call(::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&bound), &size),
                   "getsockname");
        port_ = ntohs(bound.ss_family == AF_INET
                          ? reinterpret_cast<const sockaddr_in&>(bound).sin_port
                          : reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
    }

    test_socket socket_;
    std::uint16_t port_ = 0;
};

inline test_socket connect_to(const std::string& address, std::uint16_t port) {
    const test_address to(address, port);
    test_socket client(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    check_call(::connect(client.fd(), to.get(), to.size), "connect");
    return client;
}
