#include <memory>
#include <netinet/tcp.h>
#include <vector>

#include "support/catch.hpp"
#include "unit/net/server_fixture.hpp"

using namespace std::chrono_literals;

namespace {

/// Echoes method, target and body; the body ends with a dot.
net::action echo(const http::request& request, http::response& answer) {
    answer.own_body(std::string(request.method) + " " + std::string(request.target) + " " +
                    std::string(request.body) + ".");
    return {};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string get(std::string_view target, std::string_view more = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}

}  // namespace

TEST_CASE("Requests of one connection are answered in order also when pipelined") {
    server_fixture server(echo);
    server.start();
    raw_client client(server.port);
    client.send(get("/1"));
    CHECK(has(client.read_until("."), "GET /1 ."));
    client.send(get("/2") + get("/3") + get("/4"));
    const std::string text = client.read_until(" .", 3);
    CHECK(text.find("/2") < text.find("/3"));
    CHECK(text.find("/3") < text.find("/4"));
    CHECK_FALSE(has(text, "Connection: close"));
}

TEST_CASE("More pipelined requests than one turn takes are answered, also when some must wait") {
    int asked = 0;
    server_fixture server([&asked](const http::request& r, http::response& a) -> net::action {
        if (++asked % 7 == 0) return {net::action::kind::wait};
        net::action done = echo(r, a);
        if (asked % 5 == 0) done.delay = 1ms;
        return done;
    });
    server.start();
    raw_client client(server.port);
    for (int round = 0; round < 3; ++round) {
        std::string many;
        for (int i = 0; i < 100; ++i)
            many += get("/" + std::to_string(i));
        client.send(many);
        const std::string text = client.read_until(" .", 100);
        std::size_t at = 0;
        for (int i = 0; i < 100 && at != text.npos; ++i)
            at = text.find("GET /" + std::to_string(i) + " .", at);
        CHECK(at != text.npos);
    }
    CHECK(server.service.waited > 0);
}

TEST_CASE("Requests that come one by one on many connections are all answered") {
    net::session_limits limits;
    limits.per_peer = 1000;
    server_fixture server(echo, limits);
    server.start();
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 150; ++i)
        clients.push_back(std::make_unique<raw_client>(server.port));
    for (int round = 0; round < 5; ++round) {
        for (const auto& client : clients)
            client->send(get("/r"));
        int answered = 0;
        for (const auto& client : clients)
            answered += has(client->read_until(" ."), "GET /r .");
        CHECK(answered == 150);
    }
    CHECK(server.worker.count().open == 150);
}

TEST_CASE("A client that closes its side behind a request is answered, and the connection ends") {
    const auto kept = GENERATE(false, true);
    const auto waits = GENERATE(false, true);
    int asked = 0;
    server_fixture server([&](const http::request& r, http::response& a) -> net::action {
        if (r.target == "/last" && waits && ++asked == 1) return {net::action::kind::wait};
        return echo(r, a);
    });
    server.service.each_wait = 50ms;
    server.start();
    raw_client client(server.port);
    if (kept) {
        client.send(get("/first"));
        CHECK(has(client.read_until(" ."), "GET /first ."));
    }
    client.send(get("/last"));
    ::shutdown(client.fd(), SHUT_WR);
    const std::string rest = client.read_to_end();
    CHECK(has(rest, "GET /last ."));
    CHECK(has(rest, "<closed>"));
}

TEST_CASE("A body does not leak into the next request") {
    server_fixture server(echo);
    server.start();
    raw_client client(server.port);
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + get("/b"));
    CHECK(has(client.read_until(" ."), "PUT /a hello."));
    raw_client chunked(server.port);
    chunked.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    chunked.send("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n" + get("/next"));
    CHECK(has(chunked.read_until(" ."), "GET /next ."));
    raw_client drop_by_drop(server.port);
    const std::string slow =
        "PUT /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    const int on = 1;
    ::setsockopt(drop_by_drop.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (const char c : slow)
        drop_by_drop.send(std::string_view(&c, 1));
    drop_by_drop.send(get("/after"));
    const std::string text = drop_by_drop.read_until("after .");
    CHECK(has(text, "PUT /d abc."));
    CHECK(has(text, "GET /after ."));
}

TEST_CASE("The connection closes when the client or the version says so") {
    server_fixture server(echo);
    server.start();
    raw_client close(server.port);
    close.send(get("/", "Connection: close\r\n"));
    const std::string text = close.read_to_end();
    CHECK(has(text, "Connection: close"));
    CHECK(has(text, "<closed>"));
    raw_client old(server.port);
    old.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(has(old.read_to_end(), "<closed>"));
}

TEST_CASE("HEAD gets the length and no body") {
    server_fixture server(echo);
    server.start();
    raw_client client(server.port);
    client.send("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string text = client.read_to_end();
    CHECK(has(text, "Content-Length: 9\r\n"));
    CHECK_FALSE(has(text, "HEAD /x"));
}

TEST_CASE("Malformed requests are told so and the connection ends") {
    server_fixture server(echo);
    server.start();
    raw_client client(server.port);
    client.send("nonsense\r\n\r\n");
    const std::string text = client.read_to_end();
    CHECK(has(text, "HTTP/1.1 400 Bad Request"));
    CHECK(has(text, "Server: refused"));
    CHECK(has(text, "<closed>"));
    raw_client large(server.port);
    large.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
               std::string(100000, 'x'));
    CHECK(has(large.read_to_end(), "HTTP/1.1 413"));
    // The service knows the fields of what was refused, where they could be read.
    for (const char* length :
         {"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n"}) {
        raw_client asking(server.port);
        asking.send("PUT / HTTP/1.1\r\nHost: h\r\nAccept: a/b\r\n");
        asking.send(length);
        CHECK(has(asking.read_to_end(), "Server: refused as asked"));
    }
}

TEST_CASE("A client that expects 100 gets it before it sends its body") {
    server_fixture server(echo);
    server.start();
    raw_client client(server.port);
    client.send("PUT /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(has(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue"));
    client.send("ok");
    CHECK(has(client.read_until("ok."), "PUT /e ok."));
}

TEST_CASE("A slow request ends at its deadline and an idle connection at its own") {
    net::session_limits limits;
    limits.header_time = 10s;
    limits.idle_time = 60s;
    server_fixture server(echo, limits);
    server.start();
    raw_client slow(server.port);
    raw_client idle(server.port);
    idle.send(get("/"));
    idle.read_until(" .");
    slow.send("GET / HTTP/1.1\r\nHo");
    raw_client other(server.port);
    other.send(get("/"));
    CHECK(has(other.read_until(" ."), "200 OK"));
    // Its bytes can reach the server after the other's: then its time begins only now. All the
    // steps together stay below the idle time.
    for (int step = 0; step < 5 && !slow.readable_within(200ms); ++step)
        server.clock.advance(11s);
    CHECK(has(slow.read_to_end(), "HTTP/1.1 408"));
    idle.send(get("/still"));
    CHECK(has(idle.read_until(" ."), "/still"));
    // The answer can be here before the server has begun to wait for the next request.
    CHECK(idle.closed_while([&] { server.clock.advance(61s); }));
}

TEST_CASE("One peer cannot take more connections than its share") {
    net::session_limits limits;
    limits.per_peer = 2;
    server_fixture server(echo, limits);
    server.start();
    raw_client one(server.port);
    raw_client two(server.port);
    one.send(get("/"));
    two.send(get("/"));
    one.read_until(" .");
    two.read_until(" .");
    raw_client three(server.port);
    three.send(get("/"));
    CHECK_FALSE(has(three.read_to_end(), "200 OK"));
    one.send(get("/again"));
    CHECK(has(one.read_until(" ."), "/again"));
    CHECK(server.worker.count().refused_connections == 1);
}

TEST_CASE("A connection that fails while it is taken in does not end the listener") {
    server_fixture server(echo);
    server.service.fail_once = true;
    server.start();
    raw_client one(server.port);
    one.send(get("/"));
    CHECK_FALSE(has(one.read_to_end(), "200 OK"));
    raw_client two(server.port);
    two.send(get("/two"));
    CHECK(has(two.read_until(" ."), "/two"));
    CHECK(server.worker.count().faults == 1);
    CHECK(server.worker.count().open == 1);
}

TEST_CASE("Large bodies are refused once all connections together hold too much") {
    net::session_limits limits;
    limits.held_bodies = 100'000;  // memory grows in powers of two
    limits.small_body = 1'000;
    server_fixture server(echo, limits);
    server.start();
    const auto post = [](std::size_t size) {
        return "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
               "\r\n\r\n";
    };
    raw_client one(server.port);
    raw_client two(server.port);
    for (raw_client* client : {&one, &two})
        client->send(post(40'000) + std::string(39'999, 'x'));
    // One of them is the one too many.
    pollfd both[] = {{one.fd(), POLLIN, 0}, {two.fd(), POLLIN, 0}};
    REQUIRE(::poll(both, 2, 5000) == 1);
    const bool first = both[0].revents != 0;
    CHECK(has((first ? one : two).read_to_end(), " 503 "));
    raw_client& left = first ? two : one;
    raw_client small(server.port);
    small.send(post(5) + "small");
    CHECK(has(small.read_until("small."), " 200 "));
    left.send("x");
    CHECK(has(left.read_until("x."), " 200 "));
    // What was held is free again, though the connection stays.
    raw_client three(server.port);
    three.send(post(40'000) + std::string(40'000, 'y'));
    CHECK(has(three.read_until("y."), " 200 "));
}

TEST_CASE("A conversation may prepare and may wait before it answers") {
    int asked = 0;
    server_fixture server(
        [&asked](const http::request& request, http::response& answer) -> net::action {
            if (++asked == 1) return {net::action::kind::wait};
            return echo(request, answer);
        });
    server.service.prepare_first = true;
    server.start();
    raw_client client(server.port);
    client.send(get("/w"));
    CHECK(has(client.read_until(" ."), "GET /w ."));
    CHECK(server.service.prepared == 1);
    CHECK(server.service.waited == 1);
}

TEST_CASE("A request that comes while another is waited for is answered, too") {
    int asked = 0;
    server_fixture server(
        [&asked](const http::request& request, http::response& answer) -> net::action {
            if (++asked == 2) return {net::action::kind::wait};
            return echo(request, answer);
        });
    server.service.each_wait = 200ms;
    server.start();
    raw_client client(server.port);
    client.send(get("/before"));
    CHECK(has(client.read_until(" ."), "GET /before ."));
    client.send(get("/first"));
    while (server.service.waited == 0)
        std::this_thread::sleep_for(1ms);
    client.send(get("/second"));
    const std::string answers = client.read_until(" .", 2);
    CHECK(has(answers, "GET /first ."));
    CHECK(has(answers, "GET /second ."));
}

TEST_CASE("An answer with a reduced hop limit is followed by ordinary ones") {
    server_fixture server([](const http::request& request, http::response& answer) -> net::action {
        echo(request, answer);
        return {net::action::kind::send, request.method == "PUT" ? 1 : 0};
    });
    server.start();
    raw_client client(server.port);
    client.send("PUT /t HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(has(client.read_until(" ."), "PUT /t ."));
    client.send(get("/g"));
    CHECK(has(client.read_until(" ."), "GET /g ."));
    // The next request was there before the answer: it waits until that is acknowledged.
    client.send("PUT /t HTTP/1.1\r\nHost: h\r\n\r\n" + get("/h"));
    CHECK(has(client.read_until(" .", 2), "GET /h ."));
}

TEST_CASE("A request that came while the answer with a reduced hop limit was made is served") {
    const auto late = GENERATE(false, true);
    server_fixture server([late](const http::request& r, http::response& a) -> net::action {
        net::action done = echo(r, a);
        if (r.method != "PUT") return done;
        done.hop_limit = 1;
        if (late)
            done.delay = 200ms;
        else
            std::this_thread::sleep_for(200ms);
        return done;
    });
    server.start();
    raw_client client(server.port);
    client.send("PUT /t HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_FALSE(client.readable_within(100ms));
    client.send(get("/g"));
    // As over a network: what arrives is acknowledged later.
    const int off = 0;
    ::setsockopt(client.fd(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    CHECK(has(client.read_until(" .", 2), "GET /g ."));
}

TEST_CASE("Stopping lets an answer under way end and closes idle connections") {
    server_fixture server(echo);
    server.start();
    raw_client idle(server.port);
    idle.send(get("/"));
    idle.read_until(" .");
    server.stop(1000ms);
    CHECK(idle.read_to_end() == "<closed>");
    CHECK_FALSE(raw_client(server.port).connected);
}

TEST_CASE("A large answer reaches a client that reads late") {
    server_fixture server([](const http::request&, http::response& answer) -> net::action {
        std::string body(8 << 20, 'x');
        body += "end.";
        answer.own_body(std::move(body));
        return {};
    });
    server.start();
    raw_client client(server.port);
    client.send(get("/"));
    const std::string text = client.read_until("end.");
    CHECK(text.size() > (8u << 20));
    CHECK_FALSE(has(text, "<"));
}

TEST_CASE("An answer that is held back comes after its delay, and those around it in order") {
    server_fixture server([](const http::request& r, http::response& a) {
        net::action done = echo(r, a);
        if (r.target == "/late") done.delay = 200ms;
        return done;
    });
    server.start();
    raw_client client(server.port);
    const auto begin = std::chrono::steady_clock::now();
    client.send(get("/1") + get("/late") + get("/3"));
    CHECK(has(client.read_until("/1 ."), "GET /1 ."));
    const std::string rest = client.read_until("/3 .");
    CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
    CHECK(rest.find("/late .") < rest.find("/3 ."));
}

TEST_CASE("A deadline that passed while an answer was waited for does not end one held back") {
    int asked = 0;
    server_fixture* running = nullptr;
    server_fixture server([&](const http::request& r, http::response& a) -> net::action {
        if (++asked == 1) {
            running->clock.advance(61s);
            return {net::action::kind::wait};
        }
        net::action done = echo(r, a);
        done.delay = 10ms;
        return done;
    });
    running = &server;
    server.service.each_wait = 700ms;  // deadlines are looked at twice a second
    server.start();
    raw_client client(server.port);
    client.send(get("/late"));
    CHECK(has(client.read_until("/late ."), "GET /late ."));
}

TEST_CASE("A client that leaves while its answer is held back frees its place") {
    net::session_limits limits;
    limits.per_peer = 1;
    server_fixture server(
        [](const http::request& r, http::response& a) {
            net::action done = echo(r, a);
            if (r.target == "/late") done.delay = 300s;
            return done;
        },
        limits);
    server.start();
    {
        raw_client leaves(server.port);
        leaves.send(get("/late"));
        CHECK_FALSE(leaves.readable_within(100ms));
    }
    bool served = false;
    for (int i = 0; i < 100 && !served; ++i) {
        raw_client next(server.port);
        next.send(get("/now"));
        served = has(next.read_until(" ."), "GET /now .");
        if (!served) std::this_thread::sleep_for(20ms);
    }
    CHECK(served);
}

TEST_CASE("A body that is cut short ends the connection; HEAD has none to cut") {
    server_fixture server([](const http::request& r, http::response& a) {
        net::action done = echo(r, a);
        if (r.target == "/cut") done.most_body = 4;
        if (r.target == "/whole") done.most_body = 1000;
        return done;
    });
    server.start();
    raw_client client(server.port);
    client.send("HEAD /cut HTTP/1.1\r\nHost: h\r\n\r\n" + get("/whole") + get("/cut") +
                get("/none"));
    const std::string text = client.read_to_end();
    CHECK(has(text, "GET /whole ."));
    CHECK(text.ends_with("Connection: close\r\n\r\nGET <closed>"));
    CHECK(has(text.substr(text.size() - 130), "Content-Length: 10\r\n"));
}

TEST_CASE("A dropped request has no answer; the client's end or the server's ends it") {
    server_fixture server([](const http::request& r, http::response& a) {
        net::action done = echo(r, a);
        if (r.target == "/drop") done.what = net::action::kind::drop;
        return done;
    });
    server.start();
    {
        raw_client leaves(server.port);
        leaves.send(get("/1") + get("/drop") + get("/never"));
        CHECK(has(leaves.read_until("/1 ."), "GET /1 ."));
        CHECK_FALSE(leaves.readable_within(100ms));
    }
    raw_client stays(server.port);
    stays.send(get("/drop"));
    CHECK_FALSE(stays.readable_within(100ms));
    raw_client other(server.port);
    other.send(get("/other"));
    CHECK(has(other.read_until("/other ."), "GET /other ."));
    server.stop();
    CHECK(stays.read_to_end() == "<closed>");
}

TEST_CASE("Stopping ends what is held back after the time to drain") {
    server_fixture server([](const http::request& r, http::response& a) {
        net::action done = echo(r, a);
        done.delay = 300s;
        return done;
    });
    server.start();
    raw_client client(server.port);
    client.send(get("/late"));
    CHECK_FALSE(client.readable_within(100ms));
    server.stop();
    CHECK(client.read_to_end() == "<closed>");
}
