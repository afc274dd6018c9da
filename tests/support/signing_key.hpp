#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "encoding/base64.hpp"

namespace support {

/// A private key that signs tokens for tests, with OpenSSL alone, so that what is tested does not
/// vouch for itself. `alg` is the JOSE name.
class signing_key {
public:
    static signing_key rsa(unsigned bits) { return signing_key(EVP_RSA_gen(bits)); }
    /// "P-256", "P-384" or "P-521"
    static signing_key ec(const char* curve) { return signing_key(EVP_EC_gen(curve)); }
    static signing_key ed25519() {
        return signing_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    }

    std::string sign(std::string_view alg, std::string_view message) const {
        const bool edwards = alg == "EdDSA";
        const EVP_MD* digest = edwards                ? nullptr
                               : alg.ends_with("256") ? EVP_sha256()
                               : alg.ends_with("384") ? EVP_sha384()
                                                      : EVP_sha512();
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_PKEY_CTX* options = nullptr;
        need(EVP_DigestSignInit(context, &options, digest, nullptr, key_.get()));
        if (alg.starts_with("PS")) {
            need(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING));
            need(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, pss_salt));
        }
        const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
        std::size_t size = 0;
        need(EVP_DigestSign(context, nullptr, &size, bytes, message.size()));
        std::string out(size, '\0');
        need(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                            message.size()));
        EVP_MD_CTX_free(context);
        out.resize(size);
        return alg.starts_with("ES") ? raw(out) : out;
    }

    /// The members of the public JWK that describe the key: `"kty":"RSA","n":…,"e":…`
    std::string members() const {
        if (EVP_PKEY_is_a(key_.get(), "RSA")) {
            return R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E, 0) + '"';
        }
        if (EVP_PKEY_is_a(key_.get(), "EC")) {
            const std::size_t size = coordinate();
            return R"("kty":"EC","crv":"P-)" +
                   std::string(size == 66   ? "521"
                               : size == 48 ? "384"
                                            : "256") +
                   R"(","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, size) + R"(","y":")" +
                   number(OSSL_PKEY_PARAM_EC_PUB_Y, size) + '"';
        }
        std::string point(32, '\0');
        std::size_t size = point.size();
        need(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(point.data()),
                                         &size));
        return R"("kty":"OKP","crv":"Ed25519","x":")" + encoding::base64url(point, false) + '"';
    }
    /// `{"keys":[{…,"kid":kid}]}`
    std::string key_set(std::string_view kid, std::string_view more = "") const {
        return R"({"keys":[{)" + members() + R"(,"kid":")" + std::string(kid) + '"' +
               std::string(more) + "}]}";
    }

    /// The compact form of header and payload as they are.
    std::string token_of(std::string_view alg, std::string_view header,
                         std::string_view payload) const {
        std::string text =
            encoding::base64url(header, false) + "." + encoding::base64url(payload, false);
        return text + "." + encoding::base64url(sign(alg, text), false);
    }
    std::string token(std::string_view alg, std::string_view kid, std::string_view payload) const {
        return token_of(
            alg, R"({"alg":")" + std::string(alg) + R"(","kid":")" + std::string(kid) + "\"}",
            payload);
    }

    int pss_salt = RSA_PSS_SALTLEN_DIGEST;

private:
    explicit signing_key(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { need(key != nullptr); }

    static void need(int outcome) {
        if (outcome != 1) throw std::runtime_error("OpenSSL");
    }
    std::size_t coordinate() const { return (std::size_t(EVP_PKEY_get_bits(key_.get())) + 7) / 8; }

    std::string number(const char* name, std::size_t size) const {
        BIGNUM* value = nullptr;
        need(EVP_PKEY_get_bn_param(key_.get(), name, &value));
        std::string bytes(size ? size : std::size_t(BN_num_bytes(value)), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), int(bytes.size()));
        BN_free(value);
        return encoding::base64url(bytes, false);
    }
    std::string raw(const std::string& der) const {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, long(der.size()));
        const int size = int(coordinate());
        std::string out(2 * std::size_t(size), '\0');
        auto* to = reinterpret_cast<unsigned char*>(out.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, size);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + size, size);
        ECDSA_SIG_free(pair);
        return out;
    }

    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace support
