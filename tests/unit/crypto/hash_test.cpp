#include "crypto/hash.hpp"

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "encoding/base64.hpp"
#include "support/catch.hpp"

namespace {

std::string hex(const crypto::digest256& digest) {
    return encoding::hex(crypto::as_text(digest));
}
std::string bytes(std::string_view hex_text) {
    return encoding::decode_hex(hex_text).value();
}
std::string hkdf(std::string_view key, std::string_view salt, std::string_view info,
                 std::size_t size) {
    std::vector<std::uint8_t> out(size);
    crypto::hkdf_sha256(key, salt, info, out.data(), out.size());
    return encoding::hex({reinterpret_cast<const char*>(out.data()), out.size()});
}

}  // namespace

TEST_CASE("SHA-256 gives the FIPS 180-2 examples") {
    CHECK(hex(crypto::sha256("")) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(crypto::sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(crypto::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hex(crypto::sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("HMAC-SHA-256 gives the RFC 4231 test cases") {
    CHECK(hex(crypto::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(crypto::hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(hex(crypto::hmac_sha256(std::string(131, '\xaa'),
                                  "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hex(crypto::hmac_sha256("", "")) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    // Keys of exactly one block are used as they are; one byte more is hashed.
    CHECK(crypto::hmac_sha256(std::string(64, 'k'), "x") !=
          crypto::hmac_sha256(crypto::as_text(crypto::sha256(std::string(64, 'k'))), "x"));
    CHECK(crypto::hmac_sha256(std::string(65, 'k'), "x") ==
          crypto::hmac_sha256(crypto::as_text(crypto::sha256(std::string(65, 'k'))), "x"));
}

TEST_CASE("HKDF-SHA-256 gives the RFC 5869 test cases") {
    CHECK(hkdf(std::string(22, '\x0b'), bytes("000102030405060708090a0b0c"),
               bytes("f0f1f2f3f4f5f6f7f8f9"), 42) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    CHECK(hkdf(std::string(22, '\x0b'), "", "", 42) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("HKDF writes a prefix of the same stream for every size up to its limit") {
    const std::string longest = hkdf("key", "salt", "info", 8160);
    CHECK(longest.substr(8160) != longest.substr(0, 8160));
    for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u, 8159u}) {
        CHECK(hkdf("key", "salt", "info", size) == longest.substr(0, 2 * size));
    }
    CHECK_THROWS_AS(hkdf("key", "salt", "info", 8161), std::invalid_argument);
}

TEST_CASE("Hashing works the same on every thread") {
    std::vector<std::thread> threads;
    std::vector<crypto::digest256> results(4);
    for (auto& result : results) {
        threads.emplace_back([&result] {
            for (int i = 0; i < 1000; ++i) {
                result = crypto::hmac_sha256("key", crypto::as_text(crypto::sha256("data")));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& result : results) {
        CHECK(result == crypto::hmac_sha256("key", crypto::as_text(crypto::sha256("data"))));
    }
}

TEST_CASE("Constant time comparison still compares") {
    CHECK(crypto::constant_time_equal("", ""));
    CHECK(crypto::constant_time_equal("abc", "abc"));
    CHECK_FALSE(crypto::constant_time_equal("abc", "abd"));
    CHECK_FALSE(crypto::constant_time_equal("abc", "ab"));
    CHECK_FALSE(crypto::constant_time_equal("", "a"));
}
