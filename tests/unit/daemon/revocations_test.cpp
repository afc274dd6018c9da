#include "daemon/revocations.hpp"

#include <boost/json/serialize.hpp>

#include "base/time_text.hpp"
#include "support/catch.hpp"
#include "unit/daemon/memory_estate.hpp"

namespace {

using admin::revoke_request;
using daemon_::revoke;
using target = admin::revoke_request::target;
using std::chrono::hours;
using std::chrono::milliseconds;

const base::wall_time now = base::parse_iso8601("2026-11-22T08:00:00Z").value();
const std::string role_arn = "arn:aws:iam::123456789012:role/team/web";
const std::string session_id = "0123456789abcdef0123456789abcdef";

std::string refusal(iam::change_port& estate, const revoke_request& request) {
    const auto done = revoke(estate, request, now);
    return done ? "" : done.error().message;
}

bool is_ended(const daemon_test::memory_estate& estate, const char* principal,
              base::wall_time issued, const char* key = "ASIAIOSFODNN7EXAMPLE") {
    const std::string id(16, '\x01');
    return estate.current()->is_revoked({daemon_test::account_id, principal, id, key, issued});
}

std::string text_of(const boost::json::object& object, const char* name) {
    return std::string(object.at(name).get_string());
}

}  // namespace

TEST_CASE("Sessions of a role from before a moment end, later ones do not") {
    auto estate = daemon_test::small_estate();
    const auto done = revoke(estate, {target::role, role_arn, {}, "leaked"}, now);
    REQUIRE(done.has_value());
    CHECK(text_of(*done, "done") ==
          "sessions of " + role_arn + " from before 2026-11-22T08:00:00Z have ended");
    const auto& told = done->at("revocation").get_object();
    CHECK(text_of(told, "kind") == "principal");
    CHECK(text_of(told, "subject") == "AROAWEB");
    CHECK(text_of(told, "arn") == role_arn);
    CHECK(text_of(told, "account") == "123456789012");
    CHECK(text_of(told, "until") == "2026-11-23T20:00:00Z");
    CHECK(text_of(told, "reason") == "leaked");
    CHECK(is_ended(estate, "AROAWEB", now - milliseconds(1)));
    CHECK_FALSE(is_ended(estate, "AROAWEB", now));
    CHECK_FALSE(is_ended(estate, "AROAOTHER", now - hours(1)));
}

TEST_CASE("An earlier moment does not give ended sessions back") {
    auto estate = daemon_test::small_estate();
    REQUIRE(revoke(estate, {target::role, role_arn, {}, ""}, now).has_value());
    const auto earlier = revoke(estate, {target::role, role_arn, now - hours(2), ""}, now);
    REQUIRE(earlier.has_value());
    CHECK(text_of(earlier->at("revocation").get_object(), "before") == "2026-11-22T08:00:00Z");
    CHECK(is_ended(estate, "AROAWEB", now - hours(1)));
    CHECK(estate.current()->count(iam::entity_kind::revocation) == 1);
}

TEST_CASE("Users, roots, sessions and keys are revoked by what their sessions are known by") {
    auto estate = daemon_test::small_estate();
    REQUIRE(revoke(estate, {target::user, "arn:aws:iam::123456789012:user/alice", {}, ""}, now)
                .has_value());
    CHECK(is_ended(estate, "AIDAALICE", now - hours(1)));
    REQUIRE(
        revoke(estate, {target::root, "arn:aws:iam::123456789012:root", {}, ""}, now).has_value());
    CHECK(is_ended(estate, "123456789012", now - hours(1)));
    CHECK_FALSE(is_ended(estate, "AROAWEB", now - hours(1)));
    REQUIRE(revoke(estate, {target::key, "ASIAAAAAAAAAAAAAAAAA", {}, ""}, now).has_value());
    CHECK(is_ended(estate, "AROAWEB", now + hours(1), "ASIAAAAAAAAAAAAAAAAA"));
    REQUIRE(revoke(estate, {target::session, std::string(32, '0'), {}, ""}, now).has_value());
    CHECK_FALSE(is_ended(estate, "AROAWEB", now));
    std::string ones;
    for (int i = 0; i < 16; ++i)
        ones += "01";
    REQUIRE(revoke(estate, {target::session, ones, {}, ""}, now).has_value());
    CHECK(is_ended(estate, "AROAWEB", now));
}

TEST_CASE("What cannot be revoked is said and changes nothing") {
    auto estate = daemon_test::small_estate();
    CHECK(refusal(estate, {target::role, "arn:aws:iam::123456789012:role/web", {}, ""}) ==
          "the issuer has no role arn:aws:iam::123456789012:role/web");
    CHECK(refusal(estate, {target::role, "web", {}, ""}) ==
          "'web' is not the ARN of a role, such as arn:aws:iam::123456789012:role/path/name");
    CHECK(refusal(estate, {target::user, role_arn, {}, ""}).find("is not the ARN of a user") !=
          std::string::npos);
    CHECK(refusal(estate, {target::root, "210987654321", {}, ""}) ==
          "the issuer has no account '210987654321'");
    CHECK(refusal(estate, {target::root, role_arn, {}, ""}).find("is not the ARN of a root") !=
          std::string::npos);
    CHECK(refusal(estate, {target::role, role_arn, now + hours(1), ""}).find("in the future") !=
          std::string::npos);
    CHECK(refusal(estate, {target::role, role_arn, now - hours(36), ""}).find("is alive") !=
          std::string::npos);
    CHECK(estate.changes == 0);
    estate.broken = base::unavailable("the database is away");
    CHECK(refusal(estate, {target::role, role_arn, {}, ""}) == "the database is away");
}

TEST_CASE("A long-term key becomes inactive, unless a file says otherwise") {
    auto estate = daemon_test::small_estate();
    const auto done = revoke(estate, {target::key, "AKIAALICEALICEALICE1", {}, ""}, now);
    REQUIRE(done.has_value());
    CHECK(text_of(*done, "done") ==
          "access key AKIAALICEALICEALICE1 of "
          "arn:aws:iam::123456789012:user/alice is inactive");
    CHECK_FALSE(estate.current()->find_access_key("AKIAALICEALICEALICE1")->active);
    CHECK(estate.current()->count(iam::entity_kind::revocation) == 0);

    REQUIRE(revoke(estate, {target::key, "AKIAROOTROOTROOTROO1", {}, ""}, now).has_value());
    // The file's key is not for the store.
    const iam::account* account = estate.current()->account_of(daemon_test::account_id);
    REQUIRE(account->root_access_keys.size() == 1);
    CHECK_FALSE(account->root_access_keys[0].active);

    CHECK(refusal(estate, {target::key, "AKIABOBBOBBOBBOBBOB1", {}, ""}) ==
          "access key AKIABOBBOBBOBBOBBOB1 is defined in /etc/imdsd.yaml; write 'active: false' "
          "there and reload");
    CHECK(refusal(estate, {target::key, "AKIANOBODYNOBODYNOB1", {}, ""}) ==
          "the issuer has no access key AKIANOBODYNOBODYNOB1");
}

TEST_CASE("Revocations are listed while they concern anybody, and go afterwards") {
    auto estate = daemon_test::small_estate();
    REQUIRE(revoke(estate, {target::role, role_arn, {}, ""}, now - hours(30)).has_value());
    REQUIRE(revoke(estate, {target::session, session_id, {}, "why"}, now).has_value());
    auto all = daemon_::list_revocations(*estate.current(), now).at("revocations").get_array();
    REQUIRE(all.size() == 2);
    CHECK(text_of(all[0].get_object(), "subject") == session_id);
    CHECK_FALSE(all[0].get_object().contains("arn"));
    CHECK(text_of(all[1].get_object(), "arn") == role_arn);
    const base::wall_time later = now + hours(10);
    CHECK(
        daemon_::list_revocations(*estate.current(), later).at("revocations").get_array().size() ==
        1);
    CHECK(estate.current()->count(iam::entity_kind::revocation) == 2);
    REQUIRE(revoke(estate, {target::key, "ASIAAAAAAAAAAAAAAAAA", {}, ""}, later).has_value());
    CHECK(estate.current()->count(iam::entity_kind::revocation) == 2);
}
