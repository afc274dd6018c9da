#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "crypto/private_key.hpp"

extern "C" {
struct x509_st;
}

namespace crypto {

/// An X.509 certificate. Immutable; copies share it.
class certificate {
public:
    /// What a certificate says besides its key.
    struct contents {
        /// Attribute and value in order: {"O", "Example"}, {"CN", "host"}. UTF-8.
        std::vector<std::pair<std::string, std::string>> subject;
        base::wall_time not_before{};
        base::wall_time not_after{};
    };
    /// Version 3, signed with its own key and SHA-256; for digital signatures, not an authority.
    /// The serial number has 63 random bits. A subject that X.509 does not allow is invalid.
    static base::result<certificate> self_signed(const private_key& key, const contents& chosen,
                                                 base::random& random);

    /// The first certificate in the text.
    static base::result<certificate> from_pem(std::string_view text);
    std::string pem() const;

    bool belongs_to(const private_key& key) const;
    std::string serial_number() const;  ///< upper-case hexadecimal
    std::string subject() const;        ///< RFC 2253: "CN=host,O=Example"

    /// For this module.
    x509_st* native() const { return certificate_.get(); }

private:
    explicit certificate(std::shared_ptr<x509_st> made) : certificate_(std::move(made)) {}

    std::shared_ptr<x509_st> certificate_;
};

}  // namespace crypto
