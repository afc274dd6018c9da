#include "fixture.hpp"

using namespace fixture;

namespace {

pairs tag(int n, const std::string& key, const std::string& value) {
    const std::string prefix = "Tags.member." + std::to_string(n);
    return {{prefix + ".Key", key}, {prefix + ".Value", value}};
}

pairs operator+(pairs a, const pairs& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

pairs transitive(const std::string& key) {
    return {{"TransitiveTagKeys.member.1", key}};
}

const std::string only_assume = "\"sts:AssumeRole\"";

}  // namespace

TEST_CASE("A38 Tags need sts:TagSession in the trust policy", "[A38]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto shut = b.add_role(account_a, "shut", trust(by_arn(alice_arn), only_assume));
    const auto open = b.add_role(account_a, "open", trust(by_arn(alice_arn)));
    const auto got = b.send(alice, bench::assume(shut, tag(1, "team", "x")));
    CHECK(got.code() == "AccessDenied");
    CHECK(got.message().find("is not authorized to perform: sts:TagSession on resource: ") !=
          std::string::npos);
    const auto fine = b.send(alice, bench::assume(open, tag(1, "team", "x")));
    CHECK(fine.status == 200);
    CHECK(fine.element("PackedPolicySize") == "2");
}

TEST_CASE("A40 to A42 and A47 Tag mistakes have AWS's texts", "[A40][A41][A42][A47]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto next = b.add_role(account_a, "next", trust(by_arn(hub)));
    const auto says = [&](const key_pair& who, const std::string& role, const pairs& more) {
        const auto got = b.send(who, bench::assume(role, more));
        CHECK(got.status == 400);
        CHECK(got.code() == "InvalidParameterValue");
        return got.message();
    };
    CHECK(says(alice, hub, transitive("team")) ==
          "The specified transitive tag key must be included in the requested tags.");
    CHECK(says(alice, hub, tag(1, "Team", "x") + tag(2, "team", "y")) ==
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    CHECK(says(alice, hub, tag(1, "AWS:x", "y")).find("aws:") != std::string::npos);
    const auto session =
        b.send(alice, bench::assume(hub, tag(1, "Team", "x") + transitive("team"))).credentials();
    CHECK(says(session, next, tag(1, "team", "y")) ==
          "One of the specified transitive tag keys can't be set because it conflicts with a "
          "transitive tag key from the calling session.");
}

TEST_CASE("Tags over the limits are validation errors") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    pairs many;
    for (int i = 1; i <= 51; ++i)
        many = many + tag(i, "k" + std::to_string(i), "v");
    CHECK(b.send(alice, bench::assume(role, many)).message().find("at 'tags'") !=
          std::string::npos);
    const auto status = [&](const std::string& key, const std::string& value) {
        return b.send(alice, bench::assume(role, tag(1, key, value))).code();
    };
    CHECK(status(std::string(129, 'k'), "v") == "ValidationError");
    CHECK(status("", "v") == "ValidationError");
    CHECK(status("k", std::string(257, 'v')) == "ValidationError");
    CHECK(status("k*", "v") == "ValidationError");
    CHECK(status("k", "v!") == "ValidationError");
    CHECK(status("k", "") == "");
}

TEST_CASE("Too many bytes of tags are PackedPolicyTooLarge") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    pairs many;
    for (int i = 1; i <= 9; ++i)
        many = many + tag(i, "T" + std::to_string(i), std::string(250, 'x'));
    const auto got = b.send(alice, bench::assume(role, many));
    CHECK(got.status == 400);
    CHECK(got.code() == "PackedPolicyTooLarge");
    CHECK(got.message() == "Packed size of session tags consumes 498% of allotted space.");
    CHECK(b.records.back().error_code == "PackedPolicyTooLargeException");
}

TEST_CASE("A43 to A45 Transitive tags go along and need sts:TagSession at each step", "[A45]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto shut = b.add_role(account_a, "shut", trust(by_arn(hub), only_assume));
    const auto next = b.add_role(account_a, "next", trust(by_arn(hub)));
    const std::string tagged = R"({"StringEquals":{"aws:PrincipalTag/TEAM":"x"}})";
    const auto last = b.add_role(account_a, "last", trust(by_arn(next), "\"sts:*\"", tagged));
    const auto carrying =
        b.send(alice, bench::assume(hub, tag(1, "Team", "x") + transitive("team"))).credentials();
    const auto plain = b.send(alice, bench::assume(hub, tag(1, "Team", "x"))).credentials();
    CHECK(b.send(carrying, bench::assume(shut)).message().find("sts:TagSession") !=
          std::string::npos);
    CHECK(b.send(plain, bench::assume(shut)).status == 200);
    const auto second = b.send(carrying, bench::assume(next));
    REQUIRE(second.status == 200);
    CHECK(b.send(second.credentials(), bench::assume(last)).status == 200);
    // Without the mark the tag ends with its session.
    const auto dropped = b.send(plain, bench::assume(next));
    REQUIRE(dropped.status == 200);
    CHECK(b.send(dropped.credentials(), bench::assume(last)).status == 403);
}

TEST_CASE("Inherited transitive tags replace the role's own tag of that name") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const std::string own = R"({"StringEquals":{"aws:ResourceTag/team":"own"}})";
    const auto role = b.add_role(account_a, "next", trust(by_arn(hub), "\"sts:*\"", own),
                                 {.tags = {{"Team", "own"}}});
    const auto plain = b.send(alice, bench::assume(hub)).credentials();
    const auto carrying =
        b.send(alice, bench::assume(hub, tag(1, "team", "other") + transitive("team")))
            .credentials();
    CHECK(b.send(plain, bench::assume(role)).status == 200);
    CHECK(b.send(carrying, bench::assume(role)).status == 403);
}

TEST_CASE("A46 A session tag wins over the role's tag of the same key", "[A46]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub =
        b.add_role(account_a, "hub", trust(by_arn(alice_arn)), {.tags = {{"Team", "role"}}});
    const auto ask = [&](const char* value) {
        return trust(by_arn(hub), "\"sts:*\"",
                     std::string(R"({"StringEquals":{"aws:PrincipalTag/team":")") + value + "\"}}");
    };
    const auto for_role = b.add_role(account_a, "forrole", ask("role"));
    const auto for_session = b.add_role(account_a, "forsession", ask("session"));
    const auto plain = b.send(alice, bench::assume(hub)).credentials();
    const auto tagged = b.send(alice, bench::assume(hub, tag(1, "TEAM", "session"))).credentials();
    CHECK(b.send(plain, bench::assume(for_role)).status == 200);
    CHECK(b.send(plain, bench::assume(for_session)).status == 403);
    CHECK(b.send(tagged, bench::assume(for_role)).status == 403);
    CHECK(b.send(tagged, bench::assume(for_session)).status == 200);
}

TEST_CASE("Conditions see the passed tags and their keys") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {}, {{"team", "blue"}});
    const auto role =
        b.add_role(account_a, "reader",
                   trust(by_arn(alice_arn), "\"sts:*\"",
                         R"({"StringEquals":{"aws:RequestTag/team":"${aws:PrincipalTag/Team}"},
                  "ForAllValues:StringEquals":{"aws:TagKeys":["team"]},
                  "ForAllValues:StringLike":{"sts:TransitiveTagKeys":["t*"]}})"));
    const auto status = [&](const pairs& more) {
        return b.send(alice, bench::assume(role, more)).status;
    };
    CHECK(status(tag(1, "team", "blue")) == 200);
    CHECK(status(tag(1, "team", "blue") + transitive("team")) == 200);
    CHECK(status(tag(1, "team", "red")) == 403);
    CHECK(status(tag(1, "team", "blue") + tag(2, "other", "x")) == 403);
    CHECK(status({}) == 403);
}

TEST_CASE("A48 to A52 A source identity is permitted, kept and never changed",
          "[A48][A49][A50][A52]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto shut = b.add_role(account_a, "shut", trust(by_arn(alice_arn), only_assume));
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto next = b.add_role(account_a, "next", trust(by_arn(hub)));
    const auto strict = b.add_role(account_a, "strict", trust(by_arn(hub), only_assume));
    const auto refused = b.send(alice, bench::assume(shut, {{"SourceIdentity", "bob"}}));
    CHECK(refused.code() == "AccessDenied");
    CHECK(refused.message().find("sts:SetSourceIdentity") != std::string::npos);

    const auto first = b.send(alice, bench::assume(hub, {{"SourceIdentity", "bob"}}));
    REQUIRE(first.status == 200);
    CHECK(first.element("SourceIdentity") == "bob");
    const auto session = first.credentials();
    const auto inherited = b.send(session, bench::assume(next));
    CHECK(inherited.status == 200);
    CHECK(inherited.element("SourceIdentity") == "bob");
    CHECK(b.send(session, bench::assume(next, {{"SourceIdentity", "bob"}})).status == 200);
    const auto other = b.send(session, bench::assume(next, {{"SourceIdentity", "eve"}}));
    CHECK(other.code() == "AccessDenied");
    CHECK(b.send(session, bench::assume(strict)).message().find("sts:SetSourceIdentity") !=
          std::string::npos);
    CHECK(b.send(alice, bench::assume(hub, {{"SourceIdentity", "aws:x"}})).code() ==
          "ValidationError");
}

TEST_CASE("Both source identity keys are there while chaining") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto next = b.add_role(
        account_a, "next",
        trust(by_arn(hub), "\"sts:*\"",
              R"({"StringEquals":{"sts:SourceIdentity":"bob","aws:SourceIdentity":"bob"}})"));
    const auto with = b.send(alice, bench::assume(hub, {{"SourceIdentity", "bob"}})).credentials();
    const auto without = b.send(alice, bench::assume(hub)).credentials();
    CHECK(b.send(with, bench::assume(next)).status == 200);
    CHECK(b.send(without, bench::assume(next, {{"SourceIdentity", "bob"}})).status == 403);
}
