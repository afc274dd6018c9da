#include "admin/service.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "admin/peer_identity.hpp"
#include "fake_daemon.hpp"
#include "support/catch.hpp"

namespace {

struct socket_pair {
    int ends[2] = {-1, -1};
    socket_pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0); }
    ~socket_pair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
};

admin::options for_own_user() {
    admin::options chosen;
    chosen.allowed.own_uid = ::getuid();
    return chosen;
}

}  // namespace

TEST_CASE("The peer of a local socket is the process that opened it") {
    const socket_pair pair;
    const auto found = admin::identify(pair.ends[0]);
    REQUIRE(found.has_value());
    CHECK(found->who.uid == ::geteuid());
    CHECK(found->who.gid == ::getegid());
    CHECK(found->who.pid == ::getpid());
    std::vector<gid_t> own(std::size_t(std::max(0, ::getgroups(0, nullptr))));
    REQUIRE(::getgroups(int(own.size()), own.data()) == int(own.size()));
    CHECK(found->groups == std::vector<std::uint32_t>(own.begin(), own.end()));
}

TEST_CASE("A descriptor that is no local socket has no peer") {
    CHECK_FALSE(admin::identify(-1).has_value());
    const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(tcp >= 0);
    CHECK_FALSE(admin::identify(tcp).has_value());
    ::close(tcp);
    const int alone = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(alone >= 0);
    CHECK_FALSE(admin::identify(alone).has_value());
    ::close(alone);
}

TEST_CASE("The service opens conversations for local sockets only") {
    admin_test::fake_daemon daemon;
    const auto service = admin::make_service(daemon, for_own_user());
    const socket_pair pair;
    net::connection_info info;
    info.fd = pair.ends[0];
    CHECK(service->open(info) == nullptr);
    info.local_socket = true;
    const auto talk = service->open(info);
    REQUIRE(talk != nullptr);
    CHECK_FALSE(talk->wants_prepare());
    CHECK(talk->peer_key() == ::geteuid());
    info.fd = -1;
    CHECK(service->open(info) == nullptr);
}

TEST_CASE("A conversation answers as the peer that the kernel named") {
    admin_test::fake_daemon daemon;
    const auto service = admin::make_service(daemon, for_own_user());
    const socket_pair pair;
    net::connection_info info;
    info.fd = pair.ends[0];
    info.local_socket = true;
    const auto talk = service->open(info);
    REQUIRE(talk != nullptr);
    const std::vector<http::field> fields{{"Host", "localhost"}};
    http::request request;
    request.method = "GET";
    request.target = "/v1/whoami";
    request.fields = fields;
    http::response answer;
    CHECK(talk->respond(request, answer).what == net::action::kind::send);
    CHECK(answer.status == 200);
    REQUIRE(daemon.peers.size() == 1);
    CHECK(daemon.peers[0].pid == ::getpid());
}

TEST_CASE("A request that was no HTTP gets an error in JSON as well") {
    admin_test::fake_daemon daemon;
    const auto service = admin::make_service(daemon, for_own_user());
    const socket_pair pair;
    net::connection_info info;
    info.fd = pair.ends[0];
    info.local_socket = true;
    const auto talk = service->open(info);
    REQUIRE(talk != nullptr);
    http::response answer;
    answer.status = 431;
    talk->refuse({}, answer);
    CHECK(answer.status == 431);
    CHECK(answer.body ==
          R"({"error":{"code":"BadRequest","message":"Request Header Fields Too Large"}})");
}
