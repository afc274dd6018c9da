#include "binding/rules.hpp"

#include "support/catch.hpp"

using binding::caller;
using binding::rule;
using binding::rule_set;

namespace {

caller local(std::uint32_t uid) {
    caller who;
    who.from = caller::origin::local;
    who.uid = uid;
    who.listener = "imds";
    who.address = *base::ip_address::parse("127.0.0.1");
    return who;
}

caller remote(std::string_view address, std::string interface) {
    caller who;
    who.from = caller::origin::network;
    who.address = *base::ip_address::parse(address);
    who.interface = std::move(interface);
    who.listener = "imds";
    return who;
}

rule for_profile(std::size_t index) {
    rule r;
    r.profile = "p" + std::to_string(index);
    r.profile_index = index;
    return r;
}

rule users(std::vector<std::uint32_t> uids, std::size_t index = 0) {
    auto r = for_profile(index);
    r.uids = std::move(uids);
    return r;
}

bool matches(const rule& r, const caller& who) {
    return rule_set({r}).decide(who).profile_index.has_value();
}

}  // namespace

TEST_CASE("The first rule that matches decides") {
    const rule_set rules({users({5}, 0), users({5, 6}, 1), users({6}, 2)});
    CHECK(rules.decide(local(5)).profile_index == 0u);
    CHECK(rules.decide(local(6)).profile_index == 1u);
    CHECK(rules.decide(local(6)).rule == 1u);
    CHECK_FALSE(rules.decide(local(7)).profile_index);
    CHECK_FALSE(rules.decide(local(7)).rule);
}

TEST_CASE("Without rules everyone is refused") {
    CHECK_FALSE(rule_set().decide(local(0)).profile_index);
}

TEST_CASE("A rule without criteria matches nobody") {
    CHECK_FALSE(matches(for_profile(0), local(0)));
    CHECK_FALSE(matches(for_profile(0), remote("10.0.0.7", "eth0")));
}

TEST_CASE("Unknown callers match nothing whatever facts they carry") {
    auto who = local(5);
    who.from = caller::origin::unknown;
    CHECK_FALSE(matches(users({5}), who));
    auto r = for_profile(0);
    r.listeners = {"imds"};
    CHECK_FALSE(matches(r, who));
    r = for_profile(0);
    r.networks = {*base::ip_network::parse("0.0.0.0/0")};
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("All criteria of a rule must hold") {
    auto r = users({5});
    r.units = {"backup.service"};
    auto who = local(5);
    CHECK_FALSE(matches(r, who));
    who.unit = "backup.service";
    CHECK(matches(r, who));
    who.uid = 6;
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("An absent fact never matches") {
    auto who = local(5);
    who.uid.reset();
    CHECK_FALSE(matches(users({5}), who));
    auto r = for_profile(0);
    r.gids = {5};
    CHECK_FALSE(matches(r, who));
    r = for_profile(0);
    r.units = {"*"};
    CHECK_FALSE(matches(r, who));
    r = for_profile(0);
    r.cgroups = {"*"};
    CHECK_FALSE(matches(r, who));
    r = users({5});
    r.user_units = {"*"};
    CHECK_FALSE(matches(r, local(5)));
    auto far = remote("10.0.0.7", "");
    r = for_profile(0);
    r.interfaces = {""};
    CHECK_FALSE(matches(r, far));
    far.address.reset();
    r = for_profile(0);
    r.networks = {*base::ip_network::parse("0.0.0.0/0"), *base::ip_network::parse("::/0")};
    CHECK_FALSE(matches(r, far));
}

TEST_CASE("Groups match by any membership") {
    auto r = for_profile(0);
    r.gids = {20, 30};
    auto who = local(5);
    who.groups = {{5, 30}};
    CHECK(matches(r, who));
    who.groups = {{5}};
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("Removing a fact never turns a refusal into a grant") {
    auto r = users({5});
    r.units = {"backup.service"};
    r.cgroups = {"/system.slice/*"};
    auto who = local(5);
    who.unit = "other.service";
    who.cgroup = "/system.slice/other.service";
    CHECK_FALSE(matches(r, who));
    who.unit.reset();
    CHECK_FALSE(matches(r, who));
    who.cgroup.reset();
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("A user unit counts only together with its user") {
    auto r = users({1000});
    r.user_units = {"backup.service"};
    auto who = local(1000);
    who.user_unit = "backup.service";
    who.user_unit_uid = 1000;
    CHECK(matches(r, who));

    who.user_unit_uid = 1001;
    CHECK_FALSE(matches(r, who));
    who.user_unit_uid.reset();
    CHECK_FALSE(matches(r, who));
    who.user_unit_uid = 1001;
    who.uid = 1001;
    CHECK_FALSE(matches(r, who));

    auto anyone = for_profile(0);
    anyone.user_units = {"backup.service"};
    CHECK_FALSE(matches(anyone, who));
}

TEST_CASE("A unit rule is not satisfied by a user unit of the same name") {
    auto r = for_profile(0);
    r.units = {"backup.service"};
    auto who = local(1000);
    who.user_unit = "backup.service";
    who.user_unit_uid = 1000;
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("Network rules match network callers only and local rules local ones") {
    auto net = for_profile(0);
    net.networks = {*base::ip_network::parse("10.0.0.0/24")};
    CHECK(matches(net, remote("10.0.0.7", "veth0")));
    CHECK_FALSE(matches(net, remote("10.0.1.7", "veth0")));
    auto self = local(0);
    self.address = *base::ip_address::parse("10.0.0.7");
    CHECK_FALSE(matches(net, self));

    auto far = remote("10.0.0.7", "veth0");
    far.uid = 5;
    CHECK_FALSE(matches(users({5}), far));

    auto mixed = users({5});
    mixed.networks = net.networks;
    CHECK_FALSE(matches(mixed, far));
    CHECK_FALSE(matches(mixed, self));
}

TEST_CASE("Network and interface must both hold") {
    auto r = for_profile(0);
    r.networks = {*base::ip_network::parse("10.0.0.0/24")};
    r.interfaces = {"veth0", "veth1"};
    CHECK(matches(r, remote("10.0.0.7", "veth1")));
    CHECK_FALSE(matches(r, remote("10.0.0.7", "eth0")));
    r.networks.clear();
    CHECK(matches(r, remote("192.0.2.1", "veth1")));
    CHECK_FALSE(matches(r, local(0)));
}

TEST_CASE("A rule for a listener alone is for local callers of that listener") {
    auto r = for_profile(0);
    r.listeners = {"imds"};
    CHECK(matches(r, local(77)));
    CHECK_FALSE(matches(r, remote("10.0.0.7", "eth0")));
    auto who = local(77);
    who.listener = "other";
    CHECK_FALSE(matches(r, who));
}

TEST_CASE("Rules say which facts they need") {
    CHECK_FALSE(rule_set({users({5})}).needs_groups());
    CHECK_FALSE(rule_set({users({5})}).needs_cgroups());
    auto r = for_profile(0);
    r.gids = {1};
    CHECK(rule_set({r}).needs_groups());
    for (const auto member : {&rule::units, &rule::user_units, &rule::cgroups}) {
        auto c = for_profile(0);
        c.*member = {"x"};
        CHECK(rule_set({users({5}), c}).needs_cgroups());
    }
}

TEST_CASE("Explanations hold each rule against the facts") {
    auto first = users({5}, 0);
    first.where = "imdsd.yaml:4";
    first.shown = {"user=postgres"};
    auto second = for_profile(1);
    second.units = {"backup.service"};
    second.shown = {"unit=backup.service"};
    const rule_set rules({first, second, users({6}, 2)});
    auto who = local(6);
    who.unit = "backup.service";
    CHECK(rules.explain(who) == std::vector<std::string>{
                                    "rule 1 (imdsd.yaml:4; user=postgres -> p0): uid is 6",
                                    "rule 2 (unit=backup.service -> p1): matches",
                                    "rule 3 ( -> p2): not reached",
                                    "granted: profile p1",
                                });
    who.uid = 9;
    who.unit.reset();
    CHECK(rules.explain(who) ==
          std::vector<std::string>{
              "rule 1 (imdsd.yaml:4; user=postgres -> p0): uid is 9",
              "rule 2 (unit=backup.service -> p1): the caller's unit is not known",
              "rule 3 ( -> p2): uid is 9",
              "refused: no binding matches",
          });
    CHECK(rule_set().explain(who) == std::vector<std::string>{"refused: there are no bindings"});
}

TEST_CASE("Descriptions are one line of printable text") {
    auto who = local(1000);
    CHECK(describe(who) == "uid=1000");
    who.cgroup = "/evil\n/x y";
    CHECK(describe(who) == "uid=1000 cgroup=/evil\\x0a/x\\x20y");
    who.unit = "backup.service";
    CHECK(describe(who) == "uid=1000 unit=backup.service");
    CHECK(describe(remote("10.0.0.7", "eth0")) == "address=10.0.0.7 dev=eth0");
    caller unknown;
    unknown.why_unknown = "socket closed";
    CHECK(describe(unknown) == "unknown caller (socket closed)");
}

TEST_CASE("A listener admits whom a rule that names it matches, whatever an earlier rule says") {
    auto general = users({5}, 0);
    auto named = users({5}, 1);
    named.listeners = {"pods"};
    const rule_set rules({general, named});
    auto who = local(5);
    CHECK_FALSE(rules.admits(who));
    who.listener = "pods";
    CHECK(rules.decide(who).rule == 0u);
    CHECK(rules.admits(who) == 1u);
    who.uid = 6;
    CHECK_FALSE(rules.admits(who));
    who.from = caller::origin::unknown;
    CHECK_FALSE(rules.admits(who));
}

TEST_CASE("A network caller is admitted by address and interface together, not by one alone") {
    auto who = remote("10.0.0.7", "cni0");
    who.listener = "pods";
    auto r = for_profile(0);
    r.listeners = {"pods"};
    CHECK_FALSE(rule_set({r}).admits(who));
    r.networks = {*base::ip_network::parse("10.0.0.0/24")};
    CHECK(matches(r, who));
    CHECK_FALSE(rule_set({r}).admits(who));
    r.interfaces = {"cni0"};
    CHECK(rule_set({r}).admits(who) == 0u);
    who.interface = "eth0";
    CHECK_FALSE(rule_set({r}).admits(who));
    who.interface = "cni0";
    who.address = *base::ip_address::parse("10.0.1.7");
    CHECK_FALSE(rule_set({r}).admits(who));
    r.networks.clear();
    CHECK_FALSE(rule_set({r}).admits(who));
}
