#include "policy/quota.hpp"

#include "support/catch.hpp"

TEST_CASE("Characters count towards quotas, white space does not") {
    CHECK(policy::counted_characters("") == 0);
    CHECK(policy::counted_characters(" {\r\n\t\"a b\": 1 } ") == 8);
    CHECK(policy::counted_characters("\xc3\xa4") == 1);
    CHECK(policy::counted_characters("\xf0\x90\x90\x90") == 2);  // UTF-16 units
}

TEST_CASE("All inline policies of an identity have one quota") {
    struct row {
        policy::inline_quota quota;
        std::size_t most;
        const char* text;
    };
    const row rows[] = {
        {policy::user_inline_quota, 2048, "Maximum policy size of 2048 bytes exceeded for user x"},
        {policy::group_inline_quota, 5120,
         "Maximum policy size of 5120 bytes exceeded for group x"},
        {policy::role_inline_quota, 10240,
         "Maximum policy size of 10240 bytes exceeded for role x"},
    };
    for (const row& r : rows) {
        CHECK(policy::check_inline_quota(r.quota, "x", r.most).has_value());
        const auto over = policy::check_inline_quota(r.quota, "x", r.most + 1);
        REQUIRE_FALSE(over.has_value());
        CHECK(over.error().code == "LimitExceeded");
        CHECK(over.error().message == r.text);
    }
}
