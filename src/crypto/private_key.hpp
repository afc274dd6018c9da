#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

extern "C" {
struct evp_pkey_st;
}

namespace crypto {

enum class key_kind { rsa, dsa };
const char* to_string(key_kind kind);

/// A private key with its public half. Immutable; copies share it. May be used by several threads.
class private_key {
public:
    /// Takes from milliseconds to seconds. `stop` set meanwhile ends it: error_kind::unavailable.
    static base::result<private_key> generate_rsa(unsigned bits, const std::atomic<bool>& stop);
    /// With parameters of its own (FIPS 186-4: primes of `bits` and `q_bits`).
    static base::result<private_key> generate_dsa(unsigned bits, unsigned q_bits,
                                                  const std::atomic<bool>& stop);

    /// The first private key in the text, PKCS#8 or an older form, not encrypted. The error does
    /// not tell any of the text.
    static base::result<private_key> from_pem(std::string_view text);
    /// PKCS#8 ("BEGIN PRIVATE KEY").
    base::secret pem() const;

    key_kind kind() const { return kind_; }
    unsigned bits() const;  ///< of the modulus

    /// PKCS#1 v1.5 with SHA-256 (RFC 8017, 8.2): as many bytes as the modulus has. RSA only.
    std::string sign_rsa_sha256(std::string_view data) const;

    /// For this module.
    evp_pkey_st* native() const { return key_.get(); }

private:
    private_key(std::shared_ptr<evp_pkey_st> key, key_kind kind)
        : key_(std::move(key)), kind_(kind) {}

    std::shared_ptr<evp_pkey_st> key_;
    key_kind kind_;
};

}  // namespace crypto
