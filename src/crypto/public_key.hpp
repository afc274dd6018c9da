#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"

namespace crypto {

/// RSA moduli below are refused (RFC 7518 §3.3); above, one check would cost milliseconds.
inline constexpr std::size_t least_rsa_bits = 2048;
inline constexpr std::size_t most_rsa_bits = 8192;

enum class key_type { rsa, p256, p384, p521, ed25519 };
enum class hash_function { sha256, sha384, sha512 };

/// How a signature was made.
enum class signature_scheme {
    rsa_pkcs1,  ///< RSASSA-PKCS1-v1_5 (RFC 8017 §8.2)
    rsa_pss,    ///< RSASSA-PSS, MGF1 with the same hash, salt as long as the hash
    ecdsa,      ///< r and s as big-endian numbers of the curve's size, one after the other
    ecdsa_der,  ///< ECDSA-Sig-Value in DER (RFC 3279 §2.2.3), which has one form only
    ed25519,    ///< RFC 8032, pure; the hash is not used
};

/// A public key for checking signatures. Immutable and cheap to copy; any number of threads may use
/// one.
class public_key {
public:
    /// Big-endian numbers. The modulus must have least_rsa_bits to most_rsa_bits and be odd; the
    /// exponent must be odd, above 2 and below 2^32 (1 would make every message its own signature,
    /// a huge one makes every check slow).
    static base::result<public_key> rsa(std::string_view modulus, std::string_view exponent);
    /// Coordinates of exactly the curve's size. A point that is not on the curve is refused.
    static base::result<public_key> ec(key_type curve, std::string_view x, std::string_view y);
    /// The key of a P-256 private number: 32 bytes, big-endian, from 1 to below the curve's order.
    static base::result<public_key> of_p256_private(std::string_view number);
    /// The 32 bytes of RFC 8032 §5.1.5.
    static base::result<public_key> ed25519(std::string_view point);

    key_type type() const { return type_; }

    /// False for a bad signature, and for a scheme that the key is not for.
    bool verify(signature_scheme scheme, hash_function hash, std::string_view message,
                std::string_view signature) const;

private:
    struct handle;
    public_key(key_type type, std::shared_ptr<const handle> key)
        : type_(type), key_(std::move(key)) {}

    key_type type_;
    std::shared_ptr<const handle> key_;
};

}  // namespace crypto
