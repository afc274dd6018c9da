#include <atomic>
#include <thread>

#include "fixture.hpp"

using namespace fixture;

namespace {

/// A signed call that threads may send again and again.
struct presented {
    std::string body, timestamp, authorization;
    std::vector<http::field> headers;
    http::request request;

    presented(const bench& b, const key_pair& by, const pairs& fields)
        : body(form(fields)), timestamp(base::iso8601_basic(b.clock.now())) {
        headers = {{"Host", "sts.example.test"}, {"X-Amz-Date", timestamp}};
        request.method = "POST";
        request.target = "/";
        request.body = body;
        request.fields = headers;
        const auto made =
            sigv4::authorization(request, {timestamp.substr(0, 8), "us-east-1", "sts"}, timestamp,
                                 by.id, by.secret, {"host", "x-amz-date"});
        REQUIRE(made.has_value());
        authorization = *made;
        headers.push_back({"Authorization", authorization});
        request.fields = headers;
    }
    presented(const presented&) = delete;
    presented& operator=(const presented&) = delete;
};

}  // namespace

TEST_CASE("Calls and reloads run side by side") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto role = b.add_role(account_a, "reader", trust(root_of_a));
    const auto machine =
        b.add_role(account_a, "machine", trust(R"({"Service":"ec2.amazonaws.com"})"));
    std::atomic<int> recorded{0};
    sts::issuer issuer(b.options, b.store, b.ring, b.clock, b.random, [&](audit_record::record) {
        ++recorded;
        return true;
    });

    constexpr int rounds = 50;
    constexpr int threads = 4;
    std::atomic<int> failures{0};
    const presented call(b, alice, bench::assume(role));

    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            http::response answer;
            for (int i = 0; i < rounds; ++i) {
                if (t % 2 == 0) {
                    issuer.respond(call.request, b.origin, answer);
                    failures += answer.status != 200;
                } else {
                    sts::assume_role_parameters p;
                    p.role_arn = machine;
                    p.role_session_name = "i-0123456789abcdef0";
                    failures += !issuer.assume_role_as_service("ec2.amazonaws.com", p).has_value();
                }
            }
        });
    }
    for (int i = 0; i < rounds; ++i) {
        issuer.replace_principals(std::make_shared<principals>(*b.store));
        auto rotated = std::make_shared<sts::key_ring>(*b.ring);
        const sts::key_change change{.now = b.clock.now(), .forced = true};
        REQUIRE(
            rotated->rotate(sts::key_ring::purpose::session_token, b.random, change).has_value());
        issuer.replace_keys(rotated);
    }
    for (std::thread& t : running)
        t.join();
    CHECK(failures == 0);
    CHECK(recorded == rounds * threads);
}

TEST_CASE("A call meets the principals and the options of the same reload") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const presented call(b, alice, bench::identity());
    b.start();
    const sts::issuer_state with_alice{b.options, b.store, b.ring};
    sts::issuer_state without = with_alice;
    without.options.regions = {"eu-west-1"};  // the signature's region is looked at first
    without.principals = std::make_shared<principals>();

    std::atomic<bool> over{false};
    std::atomic<int> mixed{0}, answered{0};
    std::thread client([&] {
        http::response answer;
        for (int i = 0; i < 500; ++i) {
            b.issuer->respond(call.request, b.origin, answer);
            mixed += answer.body.find("InvalidClientTokenId") != std::string_view::npos;
            answered += answer.status == 200 ||
                        answer.body.find("a valid region") != std::string_view::npos;
        }
        over = true;
    });
    while (!over) {
        b.issuer->replace(without);
        b.issuer->replace(with_alice);
    }
    client.join();
    CHECK(mixed == 0);
    CHECK(answered == 500);
}
