#include "crypto/aead.hpp"

#include <stdexcept>
#include <string>

#include "encoding/base64.hpp"
#include "support/catch.hpp"

namespace {

std::string bytes(std::string_view hex_text) {
    return encoding::decode_hex(hex_text).value();
}
std::string flipped(std::string text, std::size_t at) {
    text[at] = static_cast<char>(text[at] ^ 1);
    return text;
}

}  // namespace

TEST_CASE("AES-256-GCM gives the test cases 13 14 and 16 of its specification") {
    const std::string zero_key(32, '\0');
    const std::string zero_nonce(12, '\0');
    CHECK(encoding::hex(crypto::seal(zero_key, zero_nonce, "", "")) ==
          "530f8afbc74536b9a963b4f1c4cb738b");
    CHECK(encoding::hex(crypto::seal(zero_key, zero_nonce, "", std::string(16, '\0'))) ==
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    const std::string sealed = crypto::seal(
        bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
        bytes("cafebabefacedbaddecaf888"), bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e"
            "2449a6b525b16aedf5aa0de657ba637b39"));
    CHECK(
        encoding::hex(sealed) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
        "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

TEST_CASE("A sealed text opens only with every input unchanged") {
    const std::string key(32, 'k');
    const std::string nonce(12, 'n');
    const std::string data = "associated";
    const std::string plain = "the plain text";
    const std::string sealed = crypto::seal(key, nonce, data, plain);
    REQUIRE(crypto::open(key, nonce, data, sealed).value() == plain);

    for (std::size_t i = 0; i < sealed.size(); ++i) {
        CHECK_FALSE(crypto::open(key, nonce, data, flipped(sealed, i)));
    }
    for (std::size_t i = 0; i < key.size(); ++i) {
        CHECK_FALSE(crypto::open(flipped(key, i), nonce, data, sealed));
    }
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        CHECK_FALSE(crypto::open(key, flipped(nonce, i), data, sealed));
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
        CHECK_FALSE(crypto::open(key, nonce, flipped(data, i), sealed));
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        const auto cut = crypto::open(key, nonce, data, sealed.substr(0, size));
        REQUIRE_FALSE(cut);
        CHECK(cut.error().kind == base::error_kind::denied);
    }
    CHECK_FALSE(crypto::open(key, nonce, "", sealed));
    CHECK_FALSE(crypto::open(key, nonce, data, sealed + '\0'));
}

TEST_CASE("Empty plaintext is still authenticated") {
    const std::string key(32, 'k');
    const std::string nonce(12, 'n');
    const std::string sealed = crypto::seal(key, nonce, "data", "");
    CHECK(sealed.size() == crypto::aead_tag_size);
    CHECK(crypto::open(key, nonce, "data", sealed).value().empty());
    CHECK_FALSE(crypto::open(key, nonce, "date", sealed));
}

TEST_CASE("A key or nonce of the wrong size is a bug") {
    CHECK_THROWS_AS(crypto::seal("short", std::string(12, 'n'), "", ""), std::invalid_argument);
    CHECK_THROWS_AS(crypto::seal(std::string(32, 'k'), "n", "", ""), std::invalid_argument);
    CHECK_THROWS_AS(
        crypto::open(std::string(31, 'k'), std::string(12, 'n'), "", std::string(16, 'x')),
        std::invalid_argument);
}
