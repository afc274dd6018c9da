#include "crypto/private_key.hpp"

#include <thread>

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "unit/crypto/known_rsa_key.hpp"

using crypto::private_key;

namespace {
const std::atomic<bool> go_on{false};
const std::atomic<bool> stopped{true};
}  // namespace

TEST_CASE("An RSA signature is the one that the openssl program makes") {
    const auto key = private_key::from_pem(known_rsa_key);
    REQUIRE(key.has_value());
    CHECK(key->kind() == crypto::key_kind::rsa);
    CHECK(key->bits() == 1024);
    CHECK(encoding::hex(key->sign_rsa_sha256("The signature is over these bytes.")) ==
          known_signature);
    CHECK(encoding::hex(key->sign_rsa_sha256("The signature is over these bytes!")) !=
          known_signature);
}

TEST_CASE("Generated keys have the size that was asked for and come back from their PEM text") {
    const auto rsa = private_key::generate_rsa(1024, go_on);
    REQUIRE(rsa.has_value());
    CHECK(rsa->bits() == 1024);
    const base::secret text = rsa->pem();
    CHECK(text.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto again = private_key::from_pem(text.reveal());
    REQUIRE(again.has_value());
    CHECK(again->sign_rsa_sha256("x") == rsa->sign_rsa_sha256("x"));

    const auto dsa = private_key::generate_dsa(1024, 160, go_on);
    REQUIRE(dsa.has_value());
    CHECK(dsa->kind() == crypto::key_kind::dsa);
    CHECK(dsa->bits() == 1024);
    const auto same = private_key::from_pem(dsa->pem().reveal());
    REQUIRE(same.has_value());
    CHECK(same->pem().reveal() == dsa->pem().reveal());
    CHECK_THROWS_AS(dsa->sign_rsa_sha256("x"), std::logic_error);
}

TEST_CASE("Two generated keys differ") {
    const auto one = private_key::generate_rsa(1024, go_on);
    const auto two = private_key::generate_rsa(1024, go_on);
    REQUIRE((one.has_value() && two.has_value()));
    CHECK(one->pem().reveal() != two->pem().reveal());
}

TEST_CASE("The generation of a key can be stopped") {
    const auto rsa = private_key::generate_rsa(8192, stopped);
    REQUIRE_FALSE(rsa.has_value());
    CHECK(rsa.error().kind == base::error_kind::unavailable);
    const auto dsa = private_key::generate_dsa(2048, 256, stopped);
    REQUIRE_FALSE(dsa.has_value());
    CHECK(dsa.error().kind == base::error_kind::unavailable);
    // Nothing of it is left over for the next.
    CHECK(private_key::generate_rsa(1024, go_on).has_value());
}

TEST_CASE("Damaged, encrypted and foreign keys are refused without telling any of the text") {
    std::string damaged = known_rsa_key;
    damaged[100] = damaged[100] == 'A' ? 'B' : 'A';
    const std::string cut(std::string_view(known_rsa_key).substr(0, 400));
    const char* encrypted =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
        "-----END RSA PRIVATE KEY-----\n";
    for (const std::string& text :
         {std::string(), std::string("no key"), cut, damaged, std::string(encrypted)}) {
        const auto read = private_key::from_pem(text);
        if (read) {  // a flipped bit may leave a key that is readable, but not the same one
            CHECK(encoding::hex(read->sign_rsa_sha256("The signature is over these bytes.")) !=
                  known_signature);
            continue;
        }
        CHECK(read.error().kind == base::error_kind::invalid);
        CHECK(read.error().message.find("MII") == std::string::npos);
    }
}
