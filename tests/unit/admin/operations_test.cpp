#include "admin/operations.hpp"

#include "support/catch.hpp"

using admin::audience;
using admin::find_permit;
using admin::identified_peer;
using admin::may;
using admin::operation;
using admin::operators;

namespace {

identified_peer peer_of(std::uint32_t uid, std::uint32_t gid,
                        std::vector<std::uint32_t> groups = {}) {
    identified_peer peer;
    peer.who.uid = uid;
    peer.who.gid = gid;
    peer.who.pid = 4711;
    peer.groups = std::move(groups);
    return peer;
}

operators allowed_are() {
    operators allowed;
    allowed.own_uid = 990;
    allowed.group = 500;
    return allowed;
}

}  // namespace

TEST_CASE("The permit table says for each operation who may have it") {
    struct expectation {
        std::string_view method, path;
        operation what;
        bool anyone, audited;
    };
    const std::vector<expectation> expected{
        {"GET", "/livez", operation::live, true, false},
        {"HEAD", "/livez", operation::live, true, false},
        {"GET", "/readyz", operation::ready, true, false},
        {"GET", "/v1/whoami", operation::whoami, true, false},
        {"GET", "/v1/identity", operation::identity, true, false},
        {"GET", "/v1/status", operation::status, false, false},
        {"HEAD", "/v1/status", operation::status, false, false},
        {"GET", "/v1/env", operation::env, true, false},
        {"GET", "/v1/env/of", operation::env_of, false, true},
        {"GET", "/v1/explain", operation::explain, false, true},
        {"POST", "/v1/explain", operation::explain, false, true},
        {"POST", "/v1/reload", operation::reload, false, true},
        {"GET", "/v1/events", operation::list_events, false, false},
        {"POST", "/v1/events", operation::add_event, false, true},
        {"POST", "/v1/events/cancel", operation::cancel_event, false, true},
        {"POST", "/v1/events/complete", operation::complete_event, false, true},
        {"GET", "/v1/options", operation::show_options, false, false},
        {"POST", "/v1/options", operation::change_options, false, true},
        {"GET", "/v1/keys", operation::list_keys, false, false},
        {"POST", "/v1/keys/publish", operation::publish_key, false, true},
        {"POST", "/v1/keys/activate", operation::activate_key, false, true},
        {"POST", "/v1/keys/rotate", operation::rotate_key, false, true},
        {"POST", "/v1/keys/retire", operation::retire_key, false, true},
        {"POST", "/v1/keys/revoke", operation::revoke_key, false, true},
        {"GET", "/v1/revocations", operation::list_revocations, false, false},
        {"POST", "/v1/revoke", operation::revoke, false, true},
    };
    const operators allowed = allowed_are();
    for (const auto& row : expected) {
        CAPTURE(row.method, row.path);
        const auto found = find_permit(row.method, row.path);
        REQUIRE(found.entry != nullptr);
        CHECK(found.entry->what == row.what);
        CHECK(found.entry->audited == row.audited);
        CHECK(may(*found.entry, peer_of(0, 0), allowed));
        CHECK(may(*found.entry, peer_of(990, 990), allowed));
        CHECK(may(*found.entry, peer_of(1000, 500), allowed));
        CHECK(may(*found.entry, peer_of(1000, 1000, {4, 500, 24}), allowed));
        CHECK(may(*found.entry, peer_of(1000, 1000, {4, 24}), allowed) == row.anyone);
        CHECK(may(*found.entry, peer_of(65534, 65534, {500}), allowed) == row.anyone);
    }
}

TEST_CASE("Each permit has a test row: a new one must be thought about here") {
    CHECK(admin::permits.size() == 24);
}

TEST_CASE("What is not in the permit table does not exist") {
    for (const std::string_view path :
         {"/", "", "/v1", "/v1/", "/v1/status/", "//v1/status", "/V1/status", "/v1/%73tatus",
          "/v1/../v1/status", "/metrics", "/v1/secrets"}) {
        CAPTURE(path);
        const auto found = find_permit("GET", path);
        CHECK(found.entry == nullptr);
        CHECK(found.allow.empty());
    }
}

TEST_CASE("A known path with another method tells the methods it has") {
    CHECK(find_permit("GET", "/v1/reload").entry == nullptr);
    CHECK(find_permit("HEAD", "/v1/reload").entry == nullptr);
    CHECK(find_permit("GET", "/v1/reload").allow == "POST");
    CHECK(find_permit("PUT", "/v1/explain").allow == "GET, HEAD, POST");
    CHECK(find_permit("get", "/v1/status").entry == nullptr);
}

TEST_CASE("Without an admin group no group makes an operator") {
    operators allowed = allowed_are();
    allowed.group.reset();
    CHECK_FALSE(is_operator(peer_of(1000, 500, {500}), allowed));
    CHECK_FALSE(is_operator(peer_of(1000, 0, {0}), allowed));
    CHECK(is_operator(peer_of(990, 1), allowed));
}

TEST_CASE("The overflow uid is nobody even when the daemon runs under it") {
    operators allowed;
    allowed.own_uid = 65534;
    CHECK_FALSE(is_operator(peer_of(65534, 65534), allowed));
    CHECK(is_operator(peer_of(0, 0), allowed));
}
