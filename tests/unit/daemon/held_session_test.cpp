#include "daemon/held_session.hpp"

#include "aws/identifiers.hpp"
#include "sts/session/session_token.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/daemon/memory_estate.hpp"

namespace {

using daemon_::held_session;
using std::chrono::hours;
using std::chrono::seconds;

struct scene {
    support::manual_clock clock;
    support::counting_random random;
    sts::key_ring ring = sts::key_ring::generate(random, clock.now());
    const std::string key_id = aws::make_access_key_id("ASIA", daemon_test::account_id, random);
    daemon_test::memory_estate estate = daemon_test::small_estate();

    aws::credentials issue(sts::session::type kind = sts::session::type::assumed_role) {
        sts::session facts;
        facts.kind = kind;
        facts.issued = clock.now();
        facts.expires = clock.now() + hours(1);
        facts.secret_access_key = base::secret("secret");
        facts.account = daemon_test::account_id;
        facts.principal_id = "AROAWEB";
        facts.role_path = "/team/";
        facts.role_name = "web";
        facts.session_name = "i-1";
        facts.session_id = std::string(16, '\x01');
        aws::credentials made;
        made.access_key_id = key_id;
        made.session_token = sts::seal_session(facts, key_id, "aws", ring, random);
        made.expiration = facts.expires;
        return made;
    }
    held_session hold(const aws::credentials& from) {
        auto held = held_session::of(from, "aws", ring, clock.now());
        REQUIRE(held.has_value());
        return std::move(*held);
    }
    void revoke(iam::revocation::type kind, const std::string& subject,
                base::wall_time before = {}) {
        iam::revocation one;
        one.kind = kind;
        one.subject = subject;
        one.before = before;
        one.until = clock.now() + hours(36);
        estate.put(one);
    }
    held_session::verdict judge(const held_session& held) {
        return held.judge(*estate.current(), clock.now());
    }
};

using type = iam::revocation::type;

}  // namespace

TEST_CASE("A held session is dead once it is revoked in any way") {
    for (const int way : {0, 1, 2}) {
        scene s;
        const held_session held = s.hold(s.issue());
        CHECK(held.access_key_id() == s.key_id);
        CHECK_FALSE(s.judge(held).dead);
        s.clock.advance(seconds(1));
        if (way == 0) s.revoke(type::principal, "AROAWEB", s.clock.now());
        if (way == 1) s.revoke(type::session, "01010101010101010101010101010101");
        if (way == 2) s.revoke(type::temporary_key, s.key_id);
        CHECK(s.judge(held).dead);
        CHECK_FALSE(s.judge(held).until.has_value());
        if (way == 0) CHECK_FALSE(s.judge(s.hold(s.issue())).dead);
    }
}

TEST_CASE("A mark in the future says until when new sessions die as well") {
    scene s;
    const held_session held = s.hold(s.issue());
    const base::wall_time mark = s.clock.now() + seconds(2);
    s.revoke(type::principal, "AROAWEB", mark);
    CHECK(s.judge(held).until == mark);
    s.clock.advance(seconds(2));
    CHECK(s.judge(held).dead);
    CHECK_FALSE(s.judge(held).until.has_value());
    CHECK_FALSE(s.judge(s.hold(s.issue())).dead);
}

TEST_CASE("A held session is dead when its role is gone, or another one of its name") {
    scene s;
    const held_session held = s.hold(s.issue());
    const held_session own = s.hold(s.issue(sts::session::type::instance_identity));
    s.estate.put(daemon_test::role("web", "AROAWEB2", "/team/"));
    CHECK(s.judge(held).dead);
    s.estate.remove(iam::entity_kind::role, iam::key_of(daemon_test::account_id, "web"));
    CHECK(s.judge(held).dead);
    CHECK_FALSE(s.judge(own).dead);
    s.revoke(type::temporary_key, s.key_id);
    CHECK(s.judge(own).dead);
}

TEST_CASE("What this issuer did not seal is nobody's session") {
    scene s;
    aws::credentials other = s.issue();
    other.session_token = base::secret("token");
    CHECK_FALSE(held_session::of(other, "aws", s.ring, s.clock.now()).has_value());
    s.clock.advance(hours(2));
    CHECK_FALSE(held_session::of(s.issue(), "corp", s.ring, s.clock.now()).has_value());
}
