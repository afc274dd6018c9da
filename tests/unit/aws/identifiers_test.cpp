#include "aws/identifiers.hpp"

#include <set>
#include <stdexcept>

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

class constant_random final : public base::random {
public:
    explicit constant_random(unsigned char value) : value_(value) {}
    void fill(std::span<std::byte> out) override {
        for (std::byte& b : out) {
            b = std::byte(value_);
        }
    }

private:
    unsigned char value_;
};

}  // namespace

TEST_CASE("An access key id carries its account") {
    constant_random zeros(0);
    constant_random ones(0xFF);
    CHECK(aws::make_access_key_id("ASIA", "123456789012", zeros) == "ASIARZPUZDIKAAAAAAAA");
    CHECK(aws::make_access_key_id("AKIA", "123456789012", ones) == "AKIARZPUZDIKP7777777");
    CHECK(aws::make_access_key_id("ASIA", "000000000000", zeros) == "ASIAQAAAAAAAAAAAAAAA");
    CHECK(aws::make_access_key_id("ASIA", "999999999999", zeros) == "ASIA6RVFFB77QAAAAAAA");
}

TEST_CASE("The account comes out of real access key ids") {
    CHECK(aws::account_of_access_key("ASIAQNZGKIQY56JQ7WML") == "029608264753");
    CHECK(aws::account_of_access_key("ASIAY34FZKBOKMUTVV7A") == "609629065308");
    CHECK(aws::account_of_access_key("AKIARZPUZDIKP7777777") == "123456789012");
}

TEST_CASE("Ids that do not carry an account give none") {
    CHECK_FALSE(aws::account_of_access_key("AKIAIOSFODNN7EXAMPLE"));  // no marker bit
    CHECK_FALSE(aws::account_of_access_key("AKIDEXAMPLE"));
    CHECK_FALSE(aws::account_of_access_key("ASIA7777777777777777"));  // beyond 12 digits
    CHECK_FALSE(aws::account_of_access_key("ASIAQNZGKIQY56JQ7WM1"));
    CHECK_FALSE(aws::account_of_access_key("ASIAqnzgkiqy56jq7wml"));
    CHECK_FALSE(aws::account_of_access_key("ASIAQNZGKIQY56JQ7WMLA"));
    CHECK_FALSE(aws::account_of_access_key(""));
}

TEST_CASE("Unique ids have 21 characters and the account in the same place") {
    support::counting_random random;
    const std::string id = aws::make_unique_id("AROA", "123456789012", random);
    CHECK(id.size() == 21);
    CHECK(id.substr(0, 12) == "AROARZPUZDIK");
    const std::string bytes = "0123456789abcdef";
    CHECK(aws::unique_id_from("AROA", "123456789012", bytes) ==
          aws::unique_id_from("AROA", "123456789012", bytes + "more"));
    CHECK(aws::unique_id_from("AROA", "123456789012", bytes) !=
          aws::unique_id_from("AROA", "123456789012", "0123456789Abcdef"));
    CHECK_THROWS_AS(aws::unique_id_from("AROA", "123456789012", "short"), std::invalid_argument);
    CHECK_THROWS_AS(aws::unique_id_from("AROA", "12345", bytes), std::invalid_argument);
}

TEST_CASE("Ids and keys do not repeat") {
    support::counting_random random;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = aws::make_access_key_id("ASIA", "029608264753", random);
        CHECK(aws::account_of_access_key(id) == "029608264753");
        CHECK(seen.insert(id).second);
        CHECK(seen.insert(aws::make_uuid(random)).second);
        CHECK(seen.insert(std::string(aws::make_secret_access_key(random).reveal())).second);
    }
}

TEST_CASE("A secret access key is 40 characters of base64") {
    support::counting_random random;
    const base::secret key = aws::make_secret_access_key(random);
    CHECK(key.size() == 40);
    CHECK(encoding::decode_base64(key.reveal()).value().size() == 30);
}

TEST_CASE("A UUID is of version 4") {
    constant_random zeros(0);
    constant_random ones(0xFF);
    CHECK(aws::make_uuid(zeros) == "00000000-0000-4000-8000-000000000000");
    CHECK(aws::make_uuid(ones) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}
