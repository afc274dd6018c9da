#pragma once

#include <cstdlib>
#include <cstring>
#include <functional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace admin_test {

/// A Unix socket in a directory of its own that takes one connection, reads a request's header and
/// then does what the test says.
class scripted_server {
public:
    using script = std::function<void(int fd)>;

    explicit scripted_server(script play) {
        if (::mkdtemp(directory_) == nullptr) throw std::runtime_error("mkdtemp");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string where = path();
        std::memcpy(address.sun_path, where.data(), where.size());
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_, 4) != 0) {
            throw std::runtime_error("cannot listen");
        }
        thread_ = std::thread([this, play = std::move(play)] {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            char chunk[4096];
            while (request_.find("\r\n\r\n") == std::string::npos) {
                const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
                if (got <= 0) break;
                request_.append(chunk, std::size_t(got));
            }
            play(fd);
            ::close(fd);
        });
    }

    ~scripted_server() {
        finish();
        ::close(listener_);
        ::unlink(path().c_str());
        ::rmdir(directory_);
    }

    std::string path() const { return std::string(directory_) + "/admin.sock"; }

    /// What the client sent; ends the server first.
    const std::string& request() {
        finish();
        return request_;
    }

    static void send(int fd, std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            text.remove_prefix(std::size_t(sent));
        }
    }

    /// Until the client has hung up.
    static void wait_for_hang_up(int fd) {
        char chunk[256];
        while (::recv(fd, chunk, sizeof chunk, 0) > 0) {
        }
    }

private:
    void finish() {
        if (!thread_.joinable()) return;
        // Wakes an accept that nobody came for.
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
    }

    char directory_[32] = "/tmp/imdsd-test-XXXXXX";
    int listener_ = -1;
    std::string request_;
    std::thread thread_;
};

}  // namespace admin_test
