#include "admin/environment_query.hpp"

#include "support/catch.hpp"

using admin::parse_environment_query;

TEST_CASE("An environment is asked for by profile or by binding") {
    const auto by_profile = parse_environment_query("profile=web");
    REQUIRE(by_profile.has_value());
    CHECK(by_profile->profile == "web");
    CHECK_FALSE(by_profile->binding);
    const auto by_binding = parse_environment_query("binding=%2Fetc%2Fimdsd.yaml%3A7");
    REQUIRE(by_binding.has_value());
    CHECK(by_binding->binding == "/etc/imdsd.yaml:7");
    for (const auto& query : {*by_profile, *by_binding}) {
        const auto again = parse_environment_query(admin::format_environment_query(query));
        REQUIRE(again.has_value());
        CHECK(again->profile == query.profile);
        CHECK(again->binding == query.binding);
    }
}

TEST_CASE("Other queries for an environment are refused") {
    for (const std::string& bad :
         {std::string(), std::string("profile="), std::string("profile=a&binding=b"),
          std::string("profile=a&profile=b"), std::string("user=a"), std::string("profile=a%0ab"),
          std::string("profile=%zz"), "profile=" + std::string(4097, 'x')}) {
        CAPTURE(bad.substr(0, 40));
        CHECK_FALSE(parse_environment_query(bad).has_value());
    }
}
