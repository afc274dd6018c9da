#include "imds/identity_signatures.hpp"

#include "crypto/signed_data.hpp"
#include "encoding/base64.hpp"

namespace imds {

namespace {

constexpr std::size_t line_length = 76;

std::string base64_lines(std::string_view bytes) {
    const std::string text = encoding::base64(bytes);
    std::string lines;
    lines.reserve(text.size() + text.size() / line_length);
    for (std::size_t at = 0; at < text.size(); at += line_length) {
        if (at != 0) lines += '\n';
        lines.append(text, at, line_length);
    }
    return lines;
}

crypto::key_kind key_kind_of(signature_kind kind) {
    return kind == signature_kind::pkcs7 ? crypto::key_kind::dsa : crypto::key_kind::rsa;
}

unsigned bits_of(signature_kind kind) {
    switch (kind) {
        case signature_kind::signature:
            return signature_rsa_bits;
        case signature_kind::pkcs7:
            return pkcs7_dsa_bits;
        case signature_kind::rsa2048:
            return rsa2048_bits;
    }
    return rsa2048_bits;
}

}  // namespace

const char* to_string(signature_kind kind) {
    switch (kind) {
        case signature_kind::signature:
            return "signature";
        case signature_kind::pkcs7:
            return "pkcs7";
        case signature_kind::rsa2048:
            return "rsa2048";
    }
    return "unknown";
}

base::result<signing_identity> signing_identity::generate(signature_kind kind,
                                                          std::string_view owner,
                                                          base::wall_time now, base::random& random,
                                                          const std::atomic<bool>& stop) {
    auto key = key_kind_of(kind) == crypto::key_kind::dsa
                   ? crypto::private_key::generate_dsa(bits_of(kind), pkcs7_dsa_q_bits, stop)
                   : crypto::private_key::generate_rsa(bits_of(kind), stop);
    if (!key) return key.error();
    // The same names for all three, as EC2 has it; the serial numbers tell them apart.
    crypto::certificate::contents said;
    said.subject = {{"O", "imdsd"}, {"OU", "Instance identity"}, {"CN", std::string(owner)}};
    said.not_before = now;
    said.not_after = now + certificate_life;
    auto shown = crypto::certificate::self_signed(*key, said, random);
    if (!shown) return shown.error();
    return signing_identity{std::move(*key), std::move(*shown)};
}

base::result<signing_identity> signing_identity::parse(signature_kind kind, std::string_view pem) {
    auto key = crypto::private_key::from_pem(pem);
    if (!key) return key.error();
    auto shown = crypto::certificate::from_pem(pem);
    if (!shown) return shown.error();
    const crypto::key_kind wanted = key_kind_of(kind);
    if (key->kind() != wanted || key->bits() < bits_of(kind) || key->bits() > longest_key_bits) {
        return base::invalid(std::string("the key for '") + to_string(kind) + "' must be " +
                             crypto::to_string(wanted) + " with " + std::to_string(bits_of(kind)) +
                             " to " + std::to_string(longest_key_bits) + " bits");
    }
    if (!shown->belongs_to(*key)) return base::invalid("the certificate is not the key's");
    return signing_identity{std::move(*key), std::move(*shown)};
}

base::secret signing_identity::pem() const {
    const base::secret text = key.pem();
    const std::string certificate = shown.pem();
    std::string both;
    both.reserve(text.size() + certificate.size());  // growing would leave a copy of the key behind
    both.append(text.reveal()).append(certificate);
    base::secret made(both);
    base::wipe(both.data(), both.size());
    return made;
}

const signing_identity& identity_keys::of(signature_kind kind) const {
    switch (kind) {
        case signature_kind::signature:
            return signature;
        case signature_kind::pkcs7:
            return pkcs7;
        case signature_kind::rsa2048:
            break;
    }
    return rsa2048;
}

signed_identity sign_identity(std::string document, const identity_keys& keys,
                              base::wall_time signing_time) {
    signed_identity made;
    made.signature = base64_lines(keys.signature.key.sign_rsa_sha256(document));
    made.pkcs7 = base64_lines(crypto::sign_cms(document, keys.pkcs7.key, keys.pkcs7.shown,
                                               crypto::digest_kind::sha1, signing_time));
    made.rsa2048 = base64_lines(crypto::sign_cms(document, keys.rsa2048.key, keys.rsa2048.shown,
                                                 crypto::digest_kind::sha256, signing_time));
    made.document = std::move(document);
    return made;
}

}  // namespace imds
