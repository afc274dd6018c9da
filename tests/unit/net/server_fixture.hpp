#pragma once

#include <arpa/inet.h>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/listen.hpp"
#include "net/worker.hpp"
#include "support/manual_clock.hpp"

inline boost::asio::awaitable<void> pause(std::chrono::milliseconds time) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    timer.expires_after(time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// Answers with a function of the request; runs on the worker's thread.
class scripted_service final : public net::service {
public:
    using script = std::function<net::action(const http::request&, http::response&)>;
    explicit scripted_service(script answer) : answer_(std::move(answer)) {}

    std::unique_ptr<net::conversation> open(const net::connection_info&) override {
        return std::make_unique<talk>(*this);
    }
    bool wants_bodies() const override { return true; }

    std::atomic<bool> fail_once{false};
    bool prepare_first = false;
    std::chrono::milliseconds each_wait{0};
    std::atomic<int> prepared{0};
    std::atomic<int> waited{0};

private:
    class talk final : public net::conversation {
    public:
        explicit talk(scripted_service& owner) : owner_(owner) {}
        bool wants_prepare() const override { return owner_.prepare_first; }
        boost::asio::awaitable<void> prepare() override {
            ++owner_.prepared;
            co_return;
        }
        net::action respond(const http::request& r, http::response& a) override {
            return owner_.answer_(r, a);
        }
        boost::asio::awaitable<void> wait() override {
            ++owner_.waited;
            return pause(owner_.each_wait);
        }
        void refuse(const http::request& r, http::response& a) override {
            a.server = "refused";
            if (r.find("accept") != nullptr) a.server = "refused as asked";
        }
        std::uint64_t peer_key() const override {
            if (owner_.fail_once.exchange(false)) throw std::runtime_error("no memory, say");
            return 7;
        }

    private:
        scripted_service& owner_;
    };

    script answer_;
};

/// A worker on a thread of its own, on a free loopback port.
class server_fixture {
public:
    explicit server_fixture(scripted_service::script script, net::session_limits limits = {},
                            const net::tls_server* tls = nullptr)
        : service(std::move(script)), worker(context_, clock, limits) {
        const auto fd = net::listen_tcp({"127.0.0.1", 0, "", false});
        port = *net::local_port(*fd);
        worker.listen({*fd, "test", false, &service, tls});
    }
    ~server_fixture() { stop(); }

    void start() {
        thread_ = std::thread([this] { context_.run(); });
    }
    /// Between two things that the worker does.
    void on_worker(std::function<void()> what) { boost::asio::post(context_, std::move(what)); }
    void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(0)) {
        if (!thread_.joinable()) return;
        worker.stop(grace);
        thread_.join();
    }

    support::manual_clock clock;
    scripted_service service;
    std::uint16_t port = 0;

private:
    boost::asio::io_context context_{1};

public:
    net::worker worker;

private:
    std::thread thread_;
};

/// A blocking client that gives up after five seconds.
class raw_client {
public:
    explicit raw_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval limit{5, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~raw_client() { ::close(fd_); }
    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    void send(std::string_view text) {
        static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL));
    }

    /// Reads until `count` answers' ends (bodies are expected to end with '.'), or the end.
    std::string read_until(std::string_view end, int count = 1) {
        std::string text;
        char piece[4096];
        while (true) {
            int found = 0;
            for (auto at = text.find(end); at != text.npos; at = text.find(end, at + 1))
                ++found;
            if (found >= count) return text;
            const ssize_t size = ::recv(fd_, piece, sizeof piece, 0);
            if (size <= 0) return text + (size == 0 ? "<closed>" : "<error>");
            text.append(piece, std::size_t(size));
        }
    }
    std::string read_to_end() { return read_until("\x01 never \x01"); }

    int fd() const { return fd_; }
    bool readable_within(std::chrono::milliseconds time) const {
        pollfd readable{fd_, POLLIN, 0};
        return ::poll(&readable, 1, int(time.count())) == 1;
    }

    /// Repeats `action` until the server has closed the connection; false after ten seconds.
    template <class Action>
    bool closed_while(Action action) {
        pollfd readable{fd_, POLLIN, 0};
        for (int i = 0; i < 100; ++i) {
            action();
            char byte;
            if (::poll(&readable, 1, 100) == 1) return ::recv(fd_, &byte, 1, 0) == 0;
        }
        return false;
    }

    bool connected = false;

private:
    int fd_;
};
