#include "crypto/rsa_pss.hpp"

#include "support/catch.hpp"
#include "support/rsa_key.hpp"

namespace {

/// As EC2 Instance Connect's client verifies: PSS, SHA-256, a salt of exactly 32 bytes.
bool verifies(const std::string& pem, const std::string& data, const std::string& signature) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(
        BIO_new_mem_buf(pem.data(), int(pem.size())), BIO_free_all);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    REQUIRE(EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key.get()) ==
            1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1);
    const auto bytes = [](const std::string& s) {
        return reinterpret_cast<const unsigned char*>(s.data());
    };
    return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(data),
                            data.size()) == 1;
}

}  // namespace

TEST_CASE("PSS signatures verify, differ each time, and cover every byte") {
    const std::string key = support::new_rsa_key();
    const auto first = crypto::sign_rsa_pss_sha256(key, "data");
    const auto second = crypto::sign_rsa_pss_sha256(key, "data");
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->size() == 256);
    CHECK(*first != *second);
    CHECK(verifies(key, "data", *first));
    CHECK(verifies(key, "data", *second));
    CHECK_FALSE(verifies(key, "dat", *first));
    CHECK_FALSE(verifies(key, "data\n", *first));
}

TEST_CASE("Keys that must not sign are refused without telling any of them") {
    CHECK_FALSE(crypto::sign_rsa_pss_sha256("", "x").has_value());
    const std::string weak = support::new_rsa_key(1024);
    const auto refused = crypto::sign_rsa_pss_sha256(weak, "x");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "the key has less than 2048 bits");
    CHECK_FALSE(crypto::sign_rsa_pss_sha256(weak.substr(0, weak.size() / 2), "x").has_value());
}
