#include "container/identifiers.hpp"

#include "support/catch.hpp"

using namespace container;

TEST_CASE("identifiers stay with secret and binding") {
    const identifier_mint mint("0123456789abcdef0123456789abcdef");
    const auto first = mint.mint("a binding");
    const auto same = identifier_mint("0123456789abcdef0123456789abcdef").mint("a binding");
    CHECK(first.credentials_id == same.credentials_id);
    CHECK(first.endpoint_id == same.endpoint_id);
    CHECK(first.token.reveal() == same.token.reveal());

    const auto other_binding = mint.mint("another binding");
    const auto other_secret = identifier_mint("another secret").mint("a binding");
    for (const auto* other : {&other_binding, &other_secret}) {
        CHECK(first.credentials_id != other->credentials_id);
        CHECK(first.endpoint_id != other->endpoint_id);
        CHECK(first.token.reveal() != other->token.reveal());
    }
}

TEST_CASE("ids have the form of a UUID, tokens are fit for a header") {
    const auto made = identifier_mint("secret").mint("binding");
    for (const std::string& id : {made.credentials_id, made.endpoint_id}) {
        REQUIRE(id.size() == 36);
        for (std::size_t i = 0; i < id.size(); ++i) {
            const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
            CHECK((id[i] == '-') == dash);
        }
        CHECK(id[14] == '8');
        CHECK(std::string_view("89ab").find(id[19]) != std::string_view::npos);
    }
    CHECK(made.credentials_id != made.endpoint_id);
    CHECK(made.token.size() == 43);
    CHECK(made.token.reveal().find_first_of(" \r\n=+/") == std::string_view::npos);
}

TEST_CASE("an absent identifier equals nothing") {
    CHECK(same_identifier("x", "x"));
    CHECK_FALSE(same_identifier("x", "y"));
    CHECK_FALSE(same_identifier("", ""));
    CHECK_FALSE(same_identifier("", "x"));
}
