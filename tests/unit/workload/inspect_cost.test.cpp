#include <chrono>
#include <iostream>

#include "loopback.hpp"
#include "support/catch.hpp"
#include "workload/peer_inspector.hpp"

// Hidden: run by name or with [cost]; prints a figure instead of judging it.
TEST_CASE("Cost of one inspection of a local caller", "[.][cost]") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    const auto client = connect_to("127.0.0.1", listener.port());
    const auto accepted = listener.accept();
    constexpr int rounds = 200'000;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i)
        REQUIRE(inspector->inspect(accepted.fd()).from == binding::caller::origin::local);
    const std::chrono::duration<double, std::micro> spent =
        std::chrono::steady_clock::now() - start;
    std::cout << spent.count() / rounds << " us for each inspection\n";
}
