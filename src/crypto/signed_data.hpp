#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "crypto/certificate.hpp"
#include "crypto/private_key.hpp"

namespace crypto {

enum class digest_kind { sha1, sha256 };

/// CMS SignedData, version 1 (RFC 5652; the same bytes are PKCS #7 1.5, RFC 2315), in BER: the
/// content is embedded, no certificate is, and the signer is named by the issuer and serial number
/// of `signer`. Signed attributes: contentType, signingTime, messageDigest, CMSAlgorithmProtection
/// (RFC 6211). `signer` must belong to `key`.
std::string sign_cms(std::string_view content, const private_key& key, const certificate& signer,
                     digest_kind digest, base::wall_time signing_time);

}  // namespace crypto
