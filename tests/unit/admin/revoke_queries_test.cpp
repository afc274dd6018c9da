#include "admin/revoke_queries.hpp"

#include "base/time_text.hpp"
#include "support/catch.hpp"

namespace {

using admin::revoke_request;
using target = admin::revoke_request::target;

const std::string session = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("Revocations survive their queries") {
    const auto time = base::parse_iso8601("2026-11-22T08:09:10Z").value();
    for (const revoke_request& request :
         {revoke_request{target::role, "arn:aws:iam::123456789012:role/team/web", time,
                         "le\u00e4k & co"},
          revoke_request{target::user, "arn:aws:iam::123456789012:user/alice", {}, ""},
          revoke_request{target::root, "123456789012", {}, "x"},
          revoke_request{target::session, session, {}, ""},
          revoke_request{target::key, "ASIAIOSFODNN7EXAMPLE", {}, "stolen"}}) {
        const auto read = admin::parse_revoke_query(admin::format_revoke_query(request));
        REQUIRE(read.has_value());
        CHECK(*read == request);
    }
}

TEST_CASE("What a revocation does not take is refused by name") {
    struct expectation {
        std::string query;
        const char* said;
    };
    for (const auto& [query, said] : std::vector<expectation>{
             {"", "of is missing"},
             {"of=role", "subject is missing"},
             {"subject=x", "of is missing"},
             {"of=group&subject=x", "of must be role, user, root, session or key"},
             {"of=role&subject=", "subject must be 1 to 2048 bytes of text"},
             {"of=role&subject=a%0Ab", "subject must be 1 to 2048 bytes of text"},
             {"of=role&subject=x&before=now", "before must be a time such as 2026-11-22T08:09:10Z"},
             {"of=role&subject=x&reason=%00", "reason must be 1 to 256 bytes of text on one line"},
             {"of=role&subject=x&subject=y", "'subject' is given more than once"},
             {"of=role&subject=x&more=1", "unknown field 'more'"},
             {"of=session&subject=" + session + "&before=2026-11-22T08:09:10Z",
              "'before' does not belong to a session"},
             {"of=session&subject=12",
              "a session has 32 hexadecimal digits, as audit records show it"},
             {"of=key&subject=ASIA", "an access key id is 16 to 128 letters, digits and '_'"}}) {
        const auto read = admin::parse_revoke_query(query);
        INFO(query);
        REQUIRE(read.has_error());
        CHECK(read.error().message == said);
    }
}
