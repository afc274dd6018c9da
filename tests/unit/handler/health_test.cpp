#include "handler/health_service.hpp"
#include "support/catch.hpp"
#include "unit/handler/worker_bench.hpp"
#include "unit/workload/loopback.hpp"

namespace {

/// A connection from one loopback address, as the server has it.
struct connection {
    connection(const test_listener& to, const std::string& from)
        : client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const test_address own(from, 0);
        check_call(::bind(client.fd(), own.get(), own.size), "bind");
        const test_address there("127.0.0.1", to.port());
        check_call(::connect(client.fd(), there.get(), there.size), "connect");
        server.emplace(to.accept());
    }
    test_socket client;
    std::optional<test_socket> server;
};

}  // namespace

TEST_CASE("Probes are counted for each address: a stranger cannot keep the others out") {
    handler_test::worker_bench bench;
    bench.inspector.who = {};
    bench.worker->install(std::make_shared<handler::serving>(), {});
    handler::health_service service(*bench.worker);

    const test_listener listener("127.0.0.1");
    const connection one(listener, "127.0.0.1");
    const connection two(listener, "127.0.0.1");
    const connection other(listener, "127.0.0.2");
    const auto key = [&](const connection& from) {
        return service.open({from.server->fd(), "probes", false})->peer_key();
    };
    CHECK(key(one) == key(two));
    CHECK(key(one) != key(other));
}
