#include "sts/session/wrapped_ring.hpp"

#include <vector>

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

constexpr base::wall_time start{base::seconds(1'790'000'000)};

sts::wrapping_key key_of(char c) {
    return sts::wrapping_key(base::secret(std::string(sts::wrapping_key::size, c)));
}

std::vector<sts::wrapping_key> keys_of(const std::string& letters) {
    std::vector<sts::wrapping_key> out;
    for (const char c : letters)
        out.push_back(key_of(c));
    return out;
}

base::result<sts::wrapping_key> parsed(std::string_view text) {
    return sts::wrapping_key::parse(base::secret(text));
}

}  // namespace

TEST_CASE("A wrapped ring opens with its key and says when it should be wrapped anew") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, start);
    const auto text = sts::wrap_ring(ring, key_of('\1'), random);
    CHECK(text != sts::wrap_ring(ring, key_of('\1'), random));
    CHECK(text.find("\"secret\"") == std::string::npos);

    const auto opened = sts::unwrap_ring(text, keys_of("\1"), start);
    REQUIRE(opened.has_value());
    CHECK(opened->ring.serialise().reveal() == ring.serialise().reveal());
    CHECK_FALSE(opened->rewrap);

    const auto by_the_old = sts::unwrap_ring(text, keys_of("\2\1"), start);
    REQUIRE(by_the_old.has_value());
    CHECK(by_the_old->rewrap);
    CHECK_FALSE(sts::unwrap_ring(text, keys_of("\1\2"), start)->rewrap);
}

TEST_CASE("A wrong wrapping key is told from a damaged ring") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, start);
    const auto text = sts::wrap_ring(ring, key_of('\1'), random);
    const auto wrong = sts::unwrap_ring(text, keys_of("\2\3"), start);
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().kind == base::error_kind::denied);
    CHECK(wrong.error().message == "the key ring is wrapped by another key (\"" +
                                       key_of('\1').check_id() + "\") than those given (" +
                                       key_of('\2').check_id() + ", " + key_of('\3').check_id() +
                                       ")");
    CHECK(sts::unwrap_ring(text, {}, start).error().kind == base::error_kind::denied);

    auto damaged = text;
    const auto at = text.find("\"sealed\":\"") + 50;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    const auto changed = sts::unwrap_ring(damaged, keys_of("\1"), start);
    REQUIRE(changed.has_error());
    CHECK(changed.error().kind == base::error_kind::invalid);
    CHECK(changed.error().message.find("changed since") != std::string::npos);
}

TEST_CASE("Nothing of the envelope can be exchanged") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, start);
    const auto other = sts::key_ring::generate(random, start);
    const auto text = sts::wrap_ring(ring, key_of('\1'), random);
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string out = text;
        const auto found = out.find(from);
        REQUIRE(found != std::string::npos);
        return out.replace(found, from.size(), to);
    };
    for (const std::string& bad :
         {std::string(), std::string("{}"), text + "x",
          replaced(ring.issuer_id(), other.issuer_id()), replaced("\"version\":1", "\"version\":2"),
          replaced("\"kek\"", "\"key\""), replaced("\"kek\"", "\"more\":1,\"kek\""),
          replaced("\"sealed\":\"", "\"sealed\":\"A"),
          text.substr(0, text.find("\"sealed\":\"") + 10) + "AAAA\"}",
          std::string(ring.serialise().reveal())}) {
        INFO(bad);
        const auto read = sts::unwrap_ring(bad, keys_of("\1"), start);
        REQUIRE(read.has_error());
        CHECK(read.error().kind == base::error_kind::invalid);
    }
}

TEST_CASE("A wrapping key has three forms") {
    support::counting_random random;
    std::string bytes(32, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    const std::string id = sts::wrapping_key(base::secret(bytes)).check_id();
    CHECK(id.size() == 16);
    for (const std::string& text : {bytes, encoding::hex(bytes), encoding::hex(bytes) + "\n",
                                    encoding::base64(bytes), encoding::base64(bytes) + "\n"}) {
        const auto key = parsed(text);
        REQUIRE(key.has_value());
        CHECK(key->check_id() == id);
        CHECK(key->reveal() == bytes);
    }
    CHECK(key_of('\1').check_id() != key_of('\2').check_id());
}

TEST_CASE("Anything else is no wrapping key, and is not quoted") {
    const std::string hex(64, 'a');
    for (const std::string& bad :
         {std::string(), std::string("correct horse battery staple"), std::string(32, 'p'),
          std::string("0123456789abcdef0123456789abcdef"), hex + "\n\n", " " + hex, hex + "a",
          std::string(63, 'a') + "g", std::string(44, '='), std::string(44, '!'),
          std::string(44, 'A'), encoding::base64(std::string(31, 'x')), std::string(31, '\1'),
          std::string(33, '\1'), std::string(32, '\1') + "\n"}) {
        INFO(bad);
        const auto key = parsed(bad);
        REQUIRE(key.has_error());
        CHECK(key.error().message.find("a wrapping key is 32 random bytes") == 0);
        if (bad.size() > 8) CHECK(key.error().message.find(bad) == std::string::npos);
    }
}
