#include "imds/faults.hpp"

#include "fixture.hpp"
#include "support/catch.hpp"

using imds::fault_injector;
using profile::fault;
using profile::fault_kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct rig {
    profile::role_profile profile;
    support::counting_random random;
    base::boot_time now{seconds(5000)};
    std::shared_ptr<fault_injector> injector;

    imds::fault_decision decide(std::string_view method = "GET",
                                std::string_view path = "/latest/meta-data/ami-id") {
        if (!injector) injector = fault_injector::of(profile);
        REQUIRE(injector);
        return injector->decide(method, path, now, random);
    }
};

fault one(fault_kind kind) {
    fault made;
    made.kind = kind;
    return made;
}

std::string spoiled(const fault& what, std::string body) {
    http::response answer;
    answer.own_body(std::move(body));
    imds::fault_decision decision;
    decision.fault = &what;
    imds::spoil(decision, answer);
    return std::string(answer.body);
}

}  // namespace

TEST_CASE("A profile without faults has no injector") {
    CHECK_FALSE(fault_injector::of(profile::role_profile{}));
}

TEST_CASE("The first fault that fits is taken, as often as it may be") {
    rig r;
    fault first = one(fault_kind::reset);
    first.method = "PUT";
    fault second = one(fault_kind::drop);
    second.path = "/latest/meta-data/*";
    second.count = 2;
    fault third = one(fault_kind::delay);
    third.delay = milliseconds(300);
    r.profile.faults = {first, second, third};
    CHECK(r.decide("PUT").fault->kind == fault_kind::reset);
    CHECK(r.decide().fault->kind == fault_kind::drop);
    CHECK(r.decide("GET", "/latest/dynamic/").fault->kind == fault_kind::delay);
    CHECK(r.decide().fault->kind == fault_kind::drop);
    const auto after = r.decide();
    CHECK(after.fault->kind == fault_kind::delay);
    CHECK(after.delay == milliseconds(300));
    CHECK(r.decide("PUT").fault->kind == fault_kind::reset);
}

TEST_CASE("A fault's path is the same with and without a slash at its end") {
    rig r;
    fault leaf = one(fault_kind::unavailable);
    leaf.path = "/latest/meta-data/mac";
    fault directory = one(fault_kind::empty);
    directory.path = "/latest/meta-data/iam/security-credentials/";
    r.profile.faults = {leaf, directory};
    for (const char* path : {"/latest/meta-data/mac", "/latest/meta-data/mac/"})
        CHECK(r.decide("GET", path).fault->kind == fault_kind::unavailable);
    for (const char* path : {"/latest/meta-data/iam/security-credentials",
                             "/latest/meta-data/iam/security-credentials/"})
        CHECK(r.decide("GET", path).fault->kind == fault_kind::empty);
    for (const char* path : {"/", "/latest/meta-data/macs", "/latest/meta-data/"})
        CHECK(r.decide("GET", path).fault == nullptr);
}

TEST_CASE("Only the answer with a token loses its TTL header") {
    rig r;
    r.profile.faults = {one(fault_kind::no_ttl_header)};
    CHECK(r.decide("GET").fault == nullptr);
    CHECK(r.decide("PUT", "/latest/api/token").fault != nullptr);
}

TEST_CASE("A fault with a probability hits its share, and uses no turn when it misses") {
    rig r;
    fault half = one(fault_kind::empty);
    half.probability = 0.5;
    half.count = 100;
    r.profile.faults = {half};
    int hits = 0;
    for (int i = 0; i < 100; ++i)
        hits += r.decide().fault ? 1 : 0;
    CHECK(hits > 25);
    CHECK(hits < 75);
    for (int i = 0; i < 1000; ++i)
        hits += r.decide().fault ? 1 : 0;
    CHECK(hits == 100);
}

TEST_CASE("F01: a burst is served, then the rate; the surplus is refused or waits") {
    rig r;
    r.profile.request_throttle = profile::throttle{10, 3, false};
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(r.decide().throttled);
    CHECK(r.decide().throttled);
    r.now += milliseconds(99);
    CHECK(r.decide().throttled);
    r.now += milliseconds(1);
    CHECK_FALSE(r.decide().throttled);
    CHECK(r.decide().throttled);
    r.now += seconds(10);
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(r.decide().throttled);
    CHECK(r.decide().throttled);

    rig late;
    late.profile.request_throttle = profile::throttle{10, 1, true};
    CHECK(late.decide().delay == milliseconds(0));
    CHECK(late.decide().delay == milliseconds(100));
    CHECK(late.decide().delay == milliseconds(200));
    late.now += seconds(1);
    CHECK(late.decide().delay == milliseconds(0));
    // Nobody waits for ever: the queue has an end.
    bool refused = false;
    for (int i = 0; i < 4000 && !refused; ++i)
        refused = late.decide().throttled;
    CHECK(refused);
}

TEST_CASE("Answers that replace the right one look as EC2's do") {
    const auto replaced = [](const fault& what) {
        imds::fault_decision decision;
        decision.fault = &what;
        REQUIRE(decision.replaces_answer());
        http::response answer;
        imds::answer_instead(decision, answer);
        CHECK(answer.server == "EC2ws");
        return answer;
    };
    auto status = one(fault_kind::status);
    for (const auto& [code, size] : std::vector<std::pair<unsigned, std::size_t>>{
             {404, 337}, {401, 343}, {400, 341}, {503, 357}, {403, 0}, {405, 0}, {304, 0}}) {
        status.status = code;
        const auto answer = replaced(status);
        CHECK(answer.status == code);
        CHECK(answer.body.size() == size);
    }
    status.status = 429;
    status.retry_after = seconds(7);
    CHECK(replaced(status).more_headers == "Retry-After: 7\r\n");
    CHECK(replaced(one(fault_kind::unavailable)).status == 503);
    CHECK(replaced(one(fault_kind::unavailable)).more_headers.empty());
    CHECK(replaced(one(fault_kind::unauthorized_once)).status == 401);
    CHECK(replaced(one(fault_kind::html)).status == 200);
    imds::fault_decision throttled;
    throttled.throttled = true;
    http::response answer;
    imds::answer_instead(throttled, answer);
    CHECK(answer.status == 503);
}

TEST_CASE("Answers that are spoiled keep what is not") {
    CHECK(spoiled(one(fault_kind::empty), "text").empty());
    CHECK(spoiled(one(fault_kind::extra_newline), "app-role") == "app-role\n");
    CHECK(spoiled(one(fault_kind::truncate_document), "12345678") == "1234");
    auto cut = one(fault_kind::truncate_document);
    cut.bytes = 100;
    CHECK(spoiled(cut, "12345678") == "12345678");
    CHECK(spoiled(one(fault_kind::delay), "text") == "text");

    auto torn = one(fault_kind::truncate);
    imds::fault_decision decision;
    decision.fault = &torn;
    CHECK(imds::sent_bytes(decision, 9) == 4u);
    torn.bytes = 0;
    CHECK(imds::sent_bytes(decision, 9) == 0u);
    CHECK_FALSE(imds::sent_bytes({}, 9));
    CHECK(spoiled(torn, "text") == "text");

    http::response answer;
    answer.more_headers = "A: 1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nB: 2\r\n";
    auto no_ttl = one(fault_kind::no_ttl_header);
    decision.fault = &no_ttl;
    imds::spoil(decision, answer);
    CHECK(answer.more_headers == "A: 1\r\nB: 2\r\n");
}

TEST_CASE("I18, F10: a document with another Expiration, never one that was not issued") {
    fixture f;
    auto issued = std::make_shared<aws::credentials>(f.issued());
    f.credentials = imds::valid_state(f.profile, issued, f.now, 1);
    const std::string path = "/latest/meta-data/iam/security-credentials/app-role";
    f.pretended_expiry = -seconds(60);
    auto reply = f.get(path);
    CHECK(reply.status == 200);
    CHECK(reply.body.find(R"("Expiration" : "2026-09-21T14:12:20Z")") != std::string::npos);
    CHECK(reply.body.find(R"("LastUpdated" : "2026-09-21T14:12:20Z")") != std::string::npos);
    CHECK(reply.done.what == imds::outcome::kind::credentials_served);
    f.pretended_expiry = seconds(600);
    reply = f.get(path);
    CHECK(reply.body.find(R"("Expiration" : "2026-09-21T14:23:20Z")") != std::string::npos);
    CHECK(reply.body.find(R"("LastUpdated" : "2026-09-21T14:13:20Z")") != std::string::npos);
    f.credentials = {};
    CHECK(f.get(path).status == 503);
    f.pretended_expiry = std::nullopt;
    CHECK(f.get(path).status == 503);
}
