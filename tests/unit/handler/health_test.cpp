#include "handler/health_service.hpp"

#include <filesystem>
#include <stdexcept>

#include <stdlib.h>

#include "audit/journal.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/handler/stand_ins.hpp"
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
    char directory[] = "/tmp/imdsd-health-XXXXXX";
    REQUIRE(::mkdtemp(directory) != nullptr);
    {
        audit::options options;
        options.output = std::string(directory) + "/audit.jsonl";
        const auto journal = std::move(*audit::journal::open(std::move(options), "host"));
        support::manual_clock clock;
        support::counting_random random;
        handler::hand_out_ledger ledger(*journal, clock, random);
        boost::asio::io_context context;
        handler::counters count;
        handler_test::fixed_inspector inspector;
        handler_test::no_directory names;
        handler::worker_state worker({context, clock, random, inspector, names, ledger, count});
        worker.install(std::make_shared<handler::serving>(), {});
        handler::health_service service(worker);

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
    std::filesystem::remove_all(directory);
}
