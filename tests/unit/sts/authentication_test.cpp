#include "fixture.hpp"

using namespace fixture;

namespace {

struct pair_of_sessions {
    bench b;
    key_pair alice = b.add_user(account_a, "alice");
    std::string role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    key_pair first = b.send(alice, bench::assume(role)).credentials();
    key_pair second = b.send(alice, bench::assume(role)).credentials();

    std::string code(const key_pair& by, wire how = {}) {
        const auto got = b.send(by, bench::identity(), std::move(how));
        CHECK((got.code().empty() || got.status == 403));
        return got.code();
    }
};

const std::string invalid = "InvalidClientTokenId";

}  // namespace

TEST_CASE("Session credentials work as they were issued") {
    pair_of_sessions s;
    CHECK(s.code(s.first) == "");
    CHECK(s.code(s.second) == "");
}

TEST_CASE("A session token belongs to its access key id") {
    pair_of_sessions s;
    CHECK(s.code({s.first.id, s.first.secret, s.second.token}) == invalid);
    CHECK(s.code({s.second.id, s.first.secret, s.first.token}) == invalid);
}

TEST_CASE("Temporary keys need their token and long-term keys must not have one") {
    pair_of_sessions s;
    CHECK(s.code({s.first.id, s.first.secret, {}}) == invalid);
    CHECK(s.code({s.alice.id, s.alice.secret, s.first.token}) == invalid);
    const auto got = s.b.send(key_pair{s.alice.id, s.alice.secret, "x"}, bench::identity());
    CHECK(got.message() == "The security token included in the request is invalid");
}

TEST_CASE("A tampered token is nobody's") {
    pair_of_sessions s;
    for (std::size_t at = 0; at < s.first.token.size(); at += 7) {
        key_pair changed = s.first;
        changed.token[at] = changed.token[at] == 'A' ? 'B' : 'A';
        if (s.code(changed) != invalid) FAIL("changed at " << at);
    }
    CHECK(s.code({s.first.id, s.first.secret, s.first.token + "AAAA"}) == invalid);
    CHECK(s.code({s.first.id, s.first.secret, "garbage!"}) == invalid);
}

TEST_CASE("S40 A wrong secret is a signature mismatch", "[S40]") {
    pair_of_sessions s;
    CHECK(s.code({s.alice.id, "wrong", {}}) == "SignatureDoesNotMatch");
    CHECK(s.code({s.first.id, s.second.secret, s.first.token}) == "SignatureDoesNotMatch");
}

TEST_CASE("S42 Unknown and inactive keys look the same", "[S42]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    auto off = std::make_shared<sts::access_key_record>();
    off->id = "AKIAINACTIVE00000000";
    off->secret = base::secret(long_term_secret);
    off->active = false;
    off->account = account_a;
    b.store->keys.push_back(off);
    const auto inactive = b.send(key_pair{off->id, alice.secret, {}}, bench::identity());
    const auto unknown =
        b.send(key_pair{"AKIAUNKNOWN000000000", alice.secret, {}}, bench::identity());
    for (const auto& got : {inactive, unknown}) {
        CHECK(got.status == 403);
        CHECK(got.code() == invalid);
        CHECK(got.message() == "The security token included in the request is invalid");
    }
}

TEST_CASE("S46 An expired session is told so", "[S46]") {
    pair_of_sessions s;
    s.b.clock.advance(base::seconds(3599));
    CHECK(s.code(s.first) == "");
    s.b.clock.advance(base::seconds(1));
    CHECK(s.code(s.first) == "ExpiredToken");
    const auto got = s.b.send(s.first, bench::identity());
    CHECK(got.status == 403);
    CHECK(got.message() == "The security token included in the request is expired");
}

TEST_CASE("An unsigned token header is refused") {
    pair_of_sessions s;
    CHECK(s.code(s.first, {.sign_token = false}) == "SignatureDoesNotMatch");
}

TEST_CASE("S51 Regions can be restricted", "[S51]") {
    bench b;
    b.options.regions = {"eu-west-1"};
    const auto alice = b.add_user(account_a, "alice");
    CHECK(b.send(alice, bench::identity(), {.region = "eu-west-1"}).status == 200);
    const auto got = b.send(alice, bench::identity());
    CHECK(got.code() == "SignatureDoesNotMatch");
    CHECK(got.message().find("Credential should be scoped to a valid region") == 0);
}

TEST_CASE("A session ends when its role is gone or is another one") {
    pair_of_sessions s;
    auto other = std::make_shared<principals>(*s.b.store);
    auto recreated = std::make_shared<sts::role_record>();
    recreated->account = account_a;
    recreated->path = "/";
    recreated->name = "reader";
    recreated->unique_id = "AROAanother";
    other->roles = {recreated};
    s.b.issuer->replace_principals(other);
    CHECK(s.code(s.first) == invalid);
    other->roles.clear();
    CHECK(s.code(s.first) == invalid);
    s.b.issuer->replace_principals(s.b.store);
    CHECK(s.code(s.first) == "");
}

TEST_CASE("Tokens outlive a rotation of keys but not a revocation") {
    pair_of_sessions s;
    auto rotated = std::make_shared<sts::key_ring>(*s.b.ring);
    const auto before = rotated->sealing_key(sts::key_ring::purpose::session_token).id;
    const sts::key_change change{.now = s.b.clock.now()};
    REQUIRE(rotated->rotate(sts::key_ring::purpose::session_token, s.b.random, change));
    s.b.issuer->replace_keys(rotated);
    CHECK(s.code(s.first) == "");
    const auto newer = s.b.send(s.alice, bench::assume(s.role)).credentials();
    CHECK(s.code(newer) == "");

    auto revoked = std::make_shared<sts::key_ring>(*rotated);
    REQUIRE(revoked->set_phase(before, sts::key_phase::revoked, change));
    s.b.issuer->replace_keys(revoked);
    CHECK(s.code(s.first) == invalid);
    CHECK(s.code(newer) == "");
}

TEST_CASE("Tokens of another issuer or partition do not open") {
    pair_of_sessions s;
    s.b.issuer->replace_keys(
        std::make_shared<sts::key_ring>(sts::key_ring::generate(s.b.random, s.b.clock.now())));
    CHECK(s.code(s.first) == invalid);
    s.b.issuer.reset();
    s.b.options.partition = "aws-cn";
    CHECK(s.code(s.first) == invalid);
}

TEST_CASE("The network can not speak as a service") {
    bench b;
    const auto alice = b.add_user(account_a, "ec2.amazonaws.com", {allow_all});
    const auto role = b.add_role(account_a, "machine", trust(R"({"Service":"ec2.amazonaws.com"})"));
    CHECK(b.send(alice, bench::assume(role)).code() == "AccessDenied");
}
