#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

const std::string warning =
    "3:24: warning: faults are injected: clients get wrong answers on purpose";

std::string with_profile(const std::string& profile) {
    return "apiVersion: imdsd/v1\n"
           "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
           "profiles: {p: {" +
           profile +
           "}}\n"
           "bindings: [{user: self, profile: p}]\n";
}

lines said(const std::string& fault) {
    lines all = said_about(with_profile("faults: [{" + fault + "}]"));
    std::erase_if(all, [](const std::string& line) {
        return line.find("warning: faults are injected") != std::string::npos;
    });
    return all;
}

profile::role_profile read(const std::string& profile) {
    fake_environment files;
    files.files["/imdsd.yaml"] = with_profile(profile);
    const auto result = config::load("/imdsd.yaml", files);
    for (const auto& each : result.diagnostics) {
        INFO(each.text());
        CHECK(each.warning);
    }
    REQUIRE(result.loaded.has_value());
    return result.loaded->profiles.at(0);
}

}  // namespace

TEST_CASE("Faults are read, and warned about") {
    using profile::fault_kind;
    const auto p = read(
        "faults: [{fault: status, status: 429, retry_after: 2s, path: /latest/**, method: PUT, "
        "count: 3, probability: 0.25, delay: 300ms}, {fault: drop}, "
        "{fault: truncate, bytes: 0}, {fault: expiring_document, age: 10m}, "
        "{fault: unauthorized_once}]");
    REQUIRE(p.faults.size() == 5);
    const profile::fault& first = p.faults[0];
    CHECK(first.kind == fault_kind::status);
    CHECK(first.status == 429);
    CHECK(first.retry_after == base::seconds(2));
    CHECK(first.path == "/latest/**");
    CHECK(first.method == "PUT");
    CHECK(first.count == 3u);
    CHECK(first.probability == 0.25);
    CHECK(first.delay == base::milliseconds(300));
    CHECK(p.faults[1].path == "**");
    CHECK_FALSE(p.faults[1].count);
    CHECK(p.faults[2].bytes == 0u);
    CHECK(p.faults[3].age == base::seconds(600));
    CHECK(p.faults[4].count == 1u);
    CHECK(said_about(with_profile("faults: [{fault: drop}]")) == lines{warning});
    CHECK(said_about(with_profile("faults: []")) == lines{});
}

TEST_CASE("Faults that cannot be meant are errors with their place") {
    CHECK(said("path: /x") == lines{"3:25: missing key 'fault' in a fault"});
    CHECK(said("fault: drpo") ==
          lines{"3:33: 'fault' must be delay, drop, reset, status, unavailable, "
                "unauthorized_once, truncate, truncate_document, empty, html, expired_document, "
                "expiring_document, no_ttl_header or extra_newline; did you mean 'drop'?"});
    CHECK(said("fault: status") == lines{"3:25: this fault needs 'status'"});
    CHECK(said("fault: status, status: 200") == lines{"3:49: 'status' must be from 300 to 599"});
    CHECK(said("fault: drop, delay: 1s") ==
          lines{"3:39: 'delay' has no meaning where nothing is answered"});
    CHECK(said("fault: empty, status: 404") ==
          lines{"3:40: 'status' goes with the fault status only"});
    CHECK(said("fault: empty, probability: 1.5") ==
          lines{"3:53: 'probability' must be a number above 0 and at most 1"});
    for (const char* bad : {"0", "nan", "inf", "1e-3", "-0.5", "'0.5'", "0.5x"})
        CHECK(said("fault: empty, probability: " + std::string(bad)).size() == 1);
    for (const char* bad : {"0ms", "300001ms", "-5ms", "1.5ms", "ms", "6m", "5"})
        CHECK(said("fault: delay, delay: " + std::string(bad)).size() == 1);
    CHECK(said("fault: empty, path: latest").size() == 1);
    CHECK(said("fault: empty, method: get").size() == 1);
    CHECK(said("fault: empty, count: 0").size() == 1);
    CHECK(said("fault: unauthorized_once, count: 2").size() == 1);
    CHECK(said("fault: empty, after: 1").size() == 1);
    CHECK(said_about(with_profile("faults: {fault: drop}")) ==
          lines{"3:24: 'faults' must be a list"});
}

TEST_CASE("Throttling is read, and warned about") {
    const auto p = read("throttle: {requests_per_second: 5}");
    REQUIRE(p.request_throttle.has_value());
    CHECK(p.request_throttle->requests_per_second == 5);
    CHECK(p.request_throttle->burst == 5);
    CHECK_FALSE(p.request_throttle->late);
    CHECK(
        read("throttle: {requests_per_second: 5, burst: 9, excess: delay}").request_throttle->late);
    CHECK(said_about(with_profile("throttle: {requests_per_second: 5}")) ==
          lines{"3:26: warning: requests are throttled on purpose"});
    CHECK(said_about(with_profile("throttle: {burst: 5}")).size() == 2);
    CHECK(said_about(with_profile("throttle: {requests_per_second: 0}")).size() == 2);
    CHECK(said_about(with_profile("throttle: {requests_per_second: 5, excess: drop}")).size() == 2);
}
