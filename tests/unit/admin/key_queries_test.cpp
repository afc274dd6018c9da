#include "admin/key_queries.hpp"

#include "support/catch.hpp"

namespace {

using admin::key_request;
using action = admin::key_request::action;

}  // namespace

TEST_CASE("Changes of keys survive their queries") {
    for (const key_request& request :
         {key_request{action::rotate, "", 0, false},
          key_request{action::rotate, "stored_secret", 0, true},
          key_request{action::publish, "session_token", 0, false},
          key_request{action::activate, "", 65535, true}, key_request{action::retire, "", 1, true},
          key_request{action::revoke, "", 12, false}}) {
        const auto read = admin::parse_key_query(request.what, admin::format_key_query(request));
        REQUIRE(read.has_value());
        CHECK(*read == request);
    }
}

TEST_CASE("What a change of keys does not take is refused by name") {
    struct expectation {
        action what;
        const char* query;
        const char* said;
    };
    for (const auto& [what, query, said] :
         {expectation{action::rotate, "key=1", "'key' does not belong to rotate"},
          {action::publish, "force=true", "'force' does not belong to publish"},
          {action::revoke, "key=1&force=true", "'force' does not belong to revoke"},
          {action::retire, "key=1&purpose=session_token", "'purpose' does not belong to retire"},
          {action::retire, "", "key is missing"},
          {action::retire, "key=0", "key must be a number from 1 to 65535"},
          {action::retire, "key=65536", "key must be a number from 1 to 65535"},
          {action::retire, "key=01", "key must be a number from 1 to 65535"},
          {action::retire, "key=", "key must be a number from 1 to 65535"},
          {action::retire, "key=1&key=2", "'key' is given more than once"},
          {action::rotate, "force=yes", "force must be true"},
          {action::rotate, "purpose=", "purpose must be the name of one"},
          {action::rotate, "purpose=A%0A", "purpose must be the name of one"},
          {action::rotate, "more=1", "'more' does not belong to rotate"}}) {
        const auto read = admin::parse_key_query(what, query);
        INFO(query);
        REQUIRE(read.has_error());
        CHECK(read.error().message == said);
    }
}
