#pragma once

#include <array>
#include <atomic>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/certificate.hpp"
#include "crypto/private_key.hpp"

namespace imds {

/// The three signatures of the instance identity document, by the names of their paths below
/// dynamic/instance-identity/.
enum class signature_kind {
    signature,  ///< RSA, PKCS #1 v1.5, SHA-256, over the document
    pkcs7,      ///< CMS with the document inside: DSA, SHA-1
    rsa2048,    ///< CMS with the document inside: RSA, SHA-256
};
inline constexpr std::array signature_kinds{signature_kind::signature, signature_kind::pkcs7,
                                            signature_kind::rsa2048};
const char* to_string(signature_kind kind);

// Sizes of the keys that are made. 1024 bits, DSA and SHA-1 are not what anybody would choose
// today: they are what EC2 signs these two paths with, and programs that verify them expect that
// form and length (a signature of 174 characters, a DSA certificate). Who needs a strong signature
// verifies rsa2048, as with EC2.
inline constexpr unsigned signature_rsa_bits = 1024;
inline constexpr unsigned pkcs7_dsa_bits = 1024;
inline constexpr unsigned pkcs7_dsa_q_bits = 160;  ///< as long as a SHA-1 digest
inline constexpr unsigned rsa2048_bits = 2048;
/// What an operator's own key may have: longer ones only make the answers longer.
inline constexpr unsigned longest_key_bits = 8192;

/// Verifiers are given the certificates once and never see a chain, so they last for the life of a
/// machine.
inline constexpr std::chrono::hours certificate_life{24 * 365 * 30};

/// A key and the certificate that verifiers know it by.
struct signing_identity {
    crypto::private_key key;
    crypto::certificate shown;

    /// Makes a key and a self-signed certificate; `owner` is the certificate's common name. `stop`
    /// ends the search for primes.
    static base::result<signing_identity> generate(signature_kind kind, std::string_view owner,
                                                   base::wall_time now, base::random& random,
                                                   const std::atomic<bool>& stop);
    /// PEM text with both. They must belong together and suit the kind; the error does not tell any
    /// of the text.
    static base::result<signing_identity> parse(signature_kind kind, std::string_view pem);
    base::secret pem() const;
};

struct identity_keys {
    signing_identity signature, pkcs7, rsa2048;

    const signing_identity& of(signature_kind kind) const;
};

/// An identity document with what is served beside it. Immutable.
struct signed_identity {
    std::string document;
    /// Base64 in lines of 76 characters, without a newline at the end.
    std::string signature, pkcs7, rsa2048;
};

/// Both CMS objects have the same signing time.
signed_identity sign_identity(std::string document, const identity_keys& keys,
                              base::wall_time signing_time);

}  // namespace imds
