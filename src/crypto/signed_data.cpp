#include "crypto/signed_data.hpp"

#include <stdexcept>

#include <climits>
#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>

#include "crypto/openssl_check.hpp"
#include "crypto/openssl_handles.hpp"

namespace crypto {

namespace {

/// RFC 6211: the algorithms, repeated where the signature covers them.
struct algorithm_protection {
    X509_ALGOR* digest;
    X509_ALGOR* signature;
};
constexpr const char* algorithm_protection_oid = "1.2.840.113549.1.9.52";

// NOLINTBEGIN: the shape is given by OpenSSL's macros.
ASN1_SEQUENCE(algorithm_protection) =
    {
        ASN1_SIMPLE(algorithm_protection, digest, X509_ALGOR),
        ASN1_IMP(algorithm_protection, signature, X509_ALGOR, 1),
} static_ASN1_SEQUENCE_END(algorithm_protection)
    // NOLINTEND

    constexpr int flags = PKCS7_BINARY | PKCS7_NOCERTS | PKCS7_NOSMIMECAP | PKCS7_PARTIAL
                          | PKCS7_STREAM;

const EVP_MD* algorithm_of(digest_kind digest) {
    return digest == digest_kind::sha1 ? EVP_sha1() : EVP_sha256();
}

void add_signing_time(PKCS7_SIGNER_INFO* signer, base::wall_time when) {
    const auto seconds = std::chrono::floor<base::seconds>(when).time_since_epoch().count();
    time_handle time(check(ASN1_TIME_adj(nullptr, 0, int(seconds / 86400), long(seconds % 86400)),
                           "ASN1_TIME_adj"));
    check(PKCS7_add0_attrib_signing_time(signer, time.get()), "PKCS7_add0_attrib_signing_time");
    static_cast<void>(time.release());  // now the attribute's
}

void add_algorithm_protection(PKCS7_SIGNER_INFO* signer) {
    algorithm_protection both{};
    PKCS7_SIGNER_INFO_get0_algs(signer, nullptr, &both.digest, &both.signature);
    unsigned char* bytes = nullptr;
    const int size = ASN1_item_i2d(reinterpret_cast<ASN1_VALUE*>(&both), &bytes,
                                   ASN1_ITEM_rptr(algorithm_protection));
    if (size <= 0) openssl_failed("ASN1_item_i2d");
    const object_handle type(check(OBJ_txt2obj(algorithm_protection_oid, 1), "OBJ_txt2obj"));
    // V_ASN1_SEQUENCE: the value is taken as encoded.
    const bool added = X509at_add1_attr_by_OBJ(&signer->auth_attr, type.get(), V_ASN1_SEQUENCE,
                                               bytes, size) != nullptr;
    OPENSSL_free(bytes);
    check(added ? 1 : 0, "X509at_add1_attr_by_OBJ");
}

}  // namespace

std::string sign_cms(std::string_view content, const private_key& key, const certificate& signer,
                     digest_kind digest, base::wall_time signing_time) {
    if (!signer.belongs_to(key))
        throw std::invalid_argument("CMS: the certificate is not the key's");
    if (content.size() > INT_MAX) throw std::length_error("CMS: more than 2 GiB");
    const EVP_MD* hash = algorithm_of(digest);
    const pkcs7_handle made(
        check(PKCS7_sign(nullptr, nullptr, nullptr, nullptr, flags), "PKCS7_sign"));
    PKCS7_SIGNER_INFO* info =
        check(PKCS7_sign_add_signer(made.get(), signer.native(), key.native(), hash, flags),
              "PKCS7_sign_add_signer");
    if (key.kind() == key_kind::rsa) {
        // PKCS #7 names the key alone (rsaEncryption); EC2's objects name the digest as well.
        X509_ALGOR* signature = nullptr;
        PKCS7_SIGNER_INFO_get0_algs(info, nullptr, nullptr, &signature);
        int identifier = NID_undef;
        check(OBJ_find_sigid_by_algs(&identifier, EVP_MD_get_type(hash), EVP_PKEY_RSA),
              "OBJ_find_sigid_by_algs");
        check(X509_ALGOR_set0(signature, OBJ_nid2obj(identifier), V_ASN1_NULL, nullptr),
              "X509_ALGOR_set0");
    }
    add_signing_time(info, signing_time);
    add_algorithm_protection(info);

    const bio_handle source(
        check(BIO_new_mem_buf(content.data(), int(content.size())), "BIO_new_mem_buf"));
    const bio_handle out(check(BIO_new(BIO_s_mem()), "BIO_new"));
    check(i2d_PKCS7_bio_stream(out.get(), made.get(), source.get(), flags), "i2d_PKCS7_bio_stream");
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, std::size_t(size)};
}

}  // namespace crypto
