#include "imds/session_token.hpp"

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

using namespace std::chrono_literals;

namespace {

const base::boot_time now{base::seconds(5000)};

}  // namespace

TEST_CASE("A token looks like EC2's: 56 characters that start with AQA") {
    support::counting_random random;
    for (const char* boot : {"a", "b", "c", "d", "e", "f"}) {
        const imds::token_authority tokens("secret", boot);
        const std::string token = tokens.issue(60s, now, "u1", random);
        CHECK(token.size() == 56);
        CHECK(token.substr(0, 3) == "AQA");
        CHECK(token.substr(54) == "==");
        CHECK(encoding::decode_base64url(token)->size() == 40);
    }
}

TEST_CASE("Two tokens are two tokens and both are good") {
    support::counting_random random;
    const imds::token_authority tokens("secret", "boot");
    const std::string one = tokens.issue(60s, now, "u1", random);
    const std::string two = tokens.issue(60s, now, "u1", random);
    CHECK(one != two);
    CHECK(tokens.verify(one, now, "u1").has_value());
    CHECK(tokens.verify(two, now, "u1").has_value());
}

TEST_CASE("A token is valid while less than its life has passed") {
    support::counting_random random;
    const imds::token_authority tokens("secret", "boot");
    const std::string token = tokens.issue(1s, now, "u1", random);
    CHECK(*tokens.verify(token, now, "u1") == now + 1s);
    CHECK(tokens.verify(token, now + 999ms, "u1").has_value());
    CHECK_FALSE(tokens.verify(token, now + 1000ms, "u1").has_value());
}

TEST_CASE("A token with more life than any is given was made by another clock") {
    support::counting_random random;
    const imds::token_authority tokens("secret", "boot");
    const std::string token = tokens.issue(imds::longest_token_life, now, "u1", random);
    CHECK(tokens.verify(token, now, "u1").has_value());
    CHECK_FALSE(tokens.verify(token, now - 1ms, "u1").has_value());
}

TEST_CASE("A token is good for nobody but its subject") {
    support::counting_random random;
    const imds::token_authority tokens("secret", "boot");
    const std::string token = tokens.issue(60s, now, "u1", random);
    CHECK_FALSE(tokens.verify(token, now, "u2").has_value());
    CHECK_FALSE(tokens.verify(token, now, "").has_value());
    CHECK_FALSE(tokens.verify(token, now, "u1 ").has_value());
}

TEST_CASE("Tokens survive a restart and do not survive a reboot or another host") {
    support::counting_random random;
    const std::string token = imds::token_authority("secret", "boot").issue(60s, now, "u1", random);
    CHECK(imds::token_authority("secret", "boot").verify(token, now, "u1").has_value());
    CHECK_FALSE(imds::token_authority("secret", "next boot").verify(token, now, "u1").has_value());
    CHECK_FALSE(imds::token_authority("other", "boot").verify(token, now, "u1").has_value());
}

TEST_CASE("Any changed character of a token makes it bad") {
    support::counting_random random;
    const imds::token_authority tokens("secret", "boot");
    const std::string token = tokens.issue(60s, now, "u1", random);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        INFO(i);
        CHECK_FALSE(tokens.verify(changed, now, "u1").has_value());
    }
    for (const char* text : {"", "invalid", "AQAAAA=="})
        CHECK_FALSE(tokens.verify(text, now, "u1").has_value());
    CHECK_FALSE(tokens.verify(token + "A", now, "u1").has_value());
    CHECK_FALSE(tokens.verify(std::string(56, '='), now, "u1").has_value());
}
