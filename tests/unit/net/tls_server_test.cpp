#include "net/tls_server.hpp"

#include <sys/ioctl.h>

#include "support/catch.hpp"
#include "unit/net/server_fixture.hpp"
#include "unit/net/tls_peer.hpp"

using net_test::tls_peer;
using outcome = net::tls_stream::outcome;

namespace {

/// Two ends of a connection.
struct socket_pair {
    socket_pair() {
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) != 0)
            throw std::runtime_error("socketpair");
    }
    ~socket_pair() {
        ::close(fd[0]);
        ::close(fd[1]);
    }
    int fd[2];
};

/// A server's stream, and its client.
struct connection {
    explicit connection(int version = TLS1_3_VERSION, const char* ciphers = nullptr)
        : server(net_test::new_identity(), ends.fd[0]), client(ends.fd[1], version, ciphers) {}

    /// False: one of the two does not want the other.
    bool shake_hands() {
        char byte;
        for (int turn = 0; turn < 10; ++turn) {
            const bool done = client.handshake();
            if (!done && client.failed()) return false;
            const auto got = server.read(&byte, 1);
            if (got.what == outcome::ended) return false;
            if (done && SSL_is_init_finished(client.get()) == 1 && turn > 2) return true;
        }
        return false;
    }
    int unread_by_server() const {
        int size = 0;
        ::ioctl(ends.fd[0], FIONREAD, &size);
        return size;
    }

    socket_pair ends;
    net::tls_stream server;
    tls_peer client;
};

}  // namespace

TEST_CASE("A client that sends nothing but key updates does not keep the server's thread") {
    connection c;
    REQUIRE(c.shake_hands());
    for (int i = 0; i < 20; ++i) {
        REQUIRE(SSL_key_update(c.client.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
        REQUIRE(c.client.handshake());
    }
    const int before = c.unread_by_server();
    REQUIRE(before > 0);
    char text[16];
    CHECK(c.server.read(text, sizeof text).what == outcome::wait_read);
    CHECK(c.unread_by_server() > before / 2);

    // And what comes behind them is read in the end.
    REQUIRE(c.client.send("hello"));
    net::tls_stream::result got;
    for (int i = 0; i < 100 && got.what != outcome::moved; ++i)
        got = c.server.read(text, sizeof text);
    CHECK(std::string_view(text, got.size) == "hello");
}

TEST_CASE("Strangers leave nothing in a session cache") {
    connection c(TLS1_2_VERSION);
    REQUIRE(c.shake_hands());
    unsigned size = 1;
    SSL_SESSION_get_id(SSL_get0_session(c.client.get()), &size);
    CHECK(size == 0);
}

TEST_CASE("Ciphers without forward secrecy or authenticated encryption are refused") {
    CHECK(connection(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256").shake_hands());
    CHECK(connection(TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305").shake_hands());
    CHECK_FALSE(connection(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA").shake_hands());
    CHECK_FALSE(connection(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384").shake_hands());
}

TEST_CASE("A client that always sends more over TLS does not keep the others waiting") {
    constexpr int most_requests = 20'000;
    constexpr std::string_view request = "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n";
    tls_peer* flooding = nullptr;
    int flood = 0;
    bool answered = false;
    const auto script = [&](const http::request& asked, http::response& answer) {
        answer.status = 200;
        answer.body = " .";
        if (asked.target != "/flood") {
            answered = true;
        } else if (!answered && ++flood < most_requests) {
            // The next request is there before this one is answered.
            flooding->receive();
            flooding->send(request);
        }
        return net::action{};
    };
    const net::tls_server identity(net_test::new_identity());
    server_fixture server(script, {}, &identity);
    raw_client first(server.port);
    tls_peer client(first.fd());
    flooding = &client;
    server.start();
    while (!client.handshake())
        REQUIRE(first.readable_within(std::chrono::seconds(5)));
    raw_client second(server.port);
    tls_peer other(second.fd());
    server.on_worker([&] { client.send(request); });
    while (!other.handshake())
        REQUIRE(second.readable_within(std::chrono::seconds(5)));
    REQUIRE(other.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n"));
    std::string got;
    while (got.find(" .") == std::string::npos) {
        REQUIRE(second.readable_within(std::chrono::seconds(5)));
        got += other.receive();
    }
    server.stop();
    CHECK(flood < most_requests);
}
