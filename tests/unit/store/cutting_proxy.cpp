#include "unit/store/cutting_proxy.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace store_test {
namespace {

/// The statement with its end: READ COMMITTED is another one.
const std::string commit("COMMIT\0", 7);
constexpr const char* socket_name = "/.s.PGSQL.5432";

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("path too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int new_socket() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("socket");
    return fd;
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(std::size_t(sent));
    }
}

std::string receive(int fd) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    return got > 0 ? std::string(buffer.data(), std::size_t(got)) : std::string();
}

void close_now(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
}

}  // namespace

cutting_proxy::cutting_proxy(std::string folder, std::string server_folder)
    : server_path_(server_folder + socket_name), listener_(new_socket()), stop_(::eventfd(0, 0)) {
    const sockaddr_un address = address_of(folder + socket_name);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0) {
        throw std::runtime_error("cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
}

cutting_proxy::~cutting_proxy() {
    ::eventfd_write(stop_, 1);
    thread_.join();
    for (session& s : sessions_) {
        close_now(s.client);
        close_now(s.server);
    }
    close_now(listener_);
    close_now(stop_);
}

void cutting_proxy::arm(cut how, std::function<void()> after) {
    how_ = how;
    after_ = std::move(after);
    armed_ = true;
}

void cutting_proxy::replace(std::string from, std::string by) {
    if (from.size() != by.size()) throw std::runtime_error("lengths differ");
    replaced_.emplace_back(std::move(from), std::move(by));
}

void cutting_proxy::serve() {
    for (;;) {
        std::vector<pollfd> waited{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
        for (const session& s : sessions_) {
            waited.push_back({s.client, POLLIN, 0});
            waited.push_back({s.server, POLLIN, 0});
        }
        if (::poll(waited.data(), waited.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (waited[0].revents != 0) return;
        std::size_t index = 2;
        for (auto s = sessions_.begin(); s != sessions_.end();) {
            const bool from_client = waited[index].revents != 0;
            const bool from_server = waited[index + 1].revents != 0;
            index += 2;
            bool goes_on = true;
            if (from_server) goes_on = pass_to_client(*s);
            if (goes_on && from_client) goes_on = pass_to_server(*s);
            if (goes_on) {
                ++s;
                continue;
            }
            close_now(s->client);
            close_now(s->server);
            s = sessions_.erase(s);
        }
        if (waited[1].revents != 0) accept_client();
    }
}

void cutting_proxy::accept_client() {
    session s;
    s.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    s.server = new_socket();
    const sockaddr_un address = address_of(server_path_);
    if (refusing_ ||
        ::connect(s.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close_now(s.client);
        close_now(s.server);
        return;
    }
    sessions_.push_back(s);
}

bool cutting_proxy::pass_to_client(session& s) {
    const std::string bytes = receive(s.server);
    if (bytes.empty()) return false;
    if (s.client >= 0) send_all(s.client, bytes);
    return true;
}

bool cutting_proxy::pass_to_server(session& s) {
    std::string bytes = receive(s.client);
    if (bytes.empty()) {
        close_now(s.client);
        return !s.held.empty();
    }
    for (const auto& [from, by] : replaced_) {
        for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + 1))
            bytes.replace(at, from.size(), by);
    }
    if (armed_ && bytes.find(commit) != std::string::npos) {
        armed_ = false;
        cut_off(s, bytes);
        return !s.held.empty();
    }
    send_all(s.server, bytes);
    if (bytes.find("UPDATE imdsd_state") != std::string::npos) release_held();
    return true;
}

void cutting_proxy::cut_off(session& s, const std::string& bytes) {
    if (how_ == cut::after_commit) {
        send_all(s.server, bytes);
        receive(s.server);  // the answer: it took place
    }
    if (how_ == cut::late_commit) s.held = bytes;
    if (how_ == cut::before_commit) close_now(s.server);
    if (after_) after_();
    close_now(s.client);
    ++cuts_;
}

void cutting_proxy::release_held() {
    for (session& s : sessions_) {
        if (s.held.empty()) continue;
        send_all(s.server, s.held);
        s.held.clear();
    }
}

}  // namespace store_test
