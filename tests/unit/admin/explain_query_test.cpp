#include "admin/explain_query.hpp"

#include "support/catch.hpp"

using admin::explain_query;
using admin::format_explain_query;
using admin::parse_explain_query;

TEST_CASE("An explain query sets the facts that it names and no others") {
    const auto query = parse_explain_query("user=postgres&pid=4711&unit=backup%40a.service");
    REQUIRE(query.has_value());
    CHECK(query->user == "postgres");
    CHECK(query->pid == 4711);
    CHECK(query->unit == "backup@a.service");
    CHECK_FALSE(query->address.has_value());
    CHECK_FALSE(query->cgroup.has_value());
    CHECK_FALSE(query->listener.has_value());
    const auto remote = parse_explain_query("address=10.0.0.7&interface=veth0&listener=imds");
    REQUIRE(remote.has_value());
    CHECK(remote->address == "10.0.0.7");
    CHECK(remote->interface == "veth0");
    CHECK(remote->listener == "imds");
    CHECK_FALSE(remote->user.has_value());
}

TEST_CASE("An explain query that is not understood in full is refused") {
    const std::string long_value(2000, 'a');
    for (const std::string& raw : std::vector<std::string>{"",
                                                           "usr=postgres",
                                                           "user=a&user=b",
                                                           "pid=1&pid=1",
                                                           "user=",
                                                           "user",
                                                           "pid=0",
                                                           "pid=-4",
                                                           "pid=4711x",
                                                           "pid=99999999999",
                                                           "pid=%201",
                                                           "address=10.0.0",
                                                           "address=host.example",
                                                           "user=a%0Ab",
                                                           "user=a%00",
                                                           "user=%zz",
                                                           "=x",
                                                           "user=a&uid=1",
                                                           "User=a",
                                                           "user=a&address=10.0.0.7",
                                                           "interface=veth0&unit=a.service",
                                                           "address=10.0.0.7&pid=1",
                                                           "unit=" + long_value}) {
        CAPTURE(raw);
        CHECK_FALSE(parse_explain_query(raw).has_value());
    }
}

TEST_CASE("The refusal of an explain query does not repeat unknown names") {
    const auto query = parse_explain_query("%1b%5b31m=x");
    REQUIRE(query.has_error());
    CHECK(query.error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("Formatting an explain query and parsing it gives it back") {
    explain_query query;
    query.user = "a b&c=d+e";
    query.pid = 7;
    query.unit = "x@y.service";
    query.cgroup = "/system.slice/x.service";
    query.listener = "imds";
    const auto back = parse_explain_query(format_explain_query(query));
    REQUIRE(back.has_value());
    CHECK(back->user == query.user);
    CHECK(back->pid == query.pid);
    CHECK(back->unit == query.unit);
    CHECK(back->cgroup == query.cgroup);
    CHECK(back->listener == query.listener);
    explain_query remote;
    remote.address = "fd00::7";
    remote.interface = "veth0";
    const auto remote_back = parse_explain_query(format_explain_query(remote));
    REQUIRE(remote_back.has_value());
    CHECK(remote_back->address == remote.address);
    CHECK(remote_back->interface == remote.interface);
    CHECK(format_explain_query({}).empty());
}
