#include "crypto/signed_data.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>

#include "crypto/openssl_handles.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/crypto/known_rsa_key.hpp"

using namespace std::chrono_literals;
using crypto::certificate;
using crypto::digest_kind;
using crypto::private_key;

namespace {

const base::wall_time signed_at{base::seconds(1790000000)};
const std::string document = "{\n  \"accountId\" : \"123456789012\"\n}";

struct signer {
    private_key key;
    certificate shown;

    static signer make(private_key key) {
        support::counting_random random;
        certificate::contents said;
        said.subject = {{"O", "imdsd"}, {"CN", "host"}};
        said.not_before = signed_at;
        said.not_after = signed_at + std::chrono::hours(24 * 365);
        auto made = certificate::self_signed(key, said, random).value();
        return {std::move(key), std::move(made)};
    }
    static signer rsa() { return make(private_key::from_pem(known_rsa_key).value()); }
    static signer dsa() {
        const std::atomic<bool> go_on{false};
        return make(private_key::generate_dsa(1024, 160, go_on).value());
    }
};

/// What a verifier gets out of it that was given that certificate; nothing: it does not verify.
std::optional<std::string> verified(const std::string& bytes, const certificate* known) {
    const crypto::bio_handle in(BIO_new_mem_buf(bytes.data(), int(bytes.size())));
    const base::owned<CMS_ContentInfo, CMS_ContentInfo_free> cms(d2i_CMS_bio(in.get(), nullptr));
    if (!cms) return std::nullopt;
    STACK_OF(X509)* certificates = sk_X509_new_null();
    if (known) sk_X509_push(certificates, known->native());
    const crypto::bio_handle out(BIO_new(BIO_s_mem()));
    const bool good = CMS_verify(cms.get(), certificates, nullptr, nullptr, out.get(),
                                 CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
    sk_X509_free(certificates);
    ERR_clear_error();
    if (!good) return std::nullopt;
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, std::size_t(size));
}

}  // namespace

TEST_CASE("Signed data verifies with the signer's certificate and with no other") {
    const signer rsa = signer::rsa();
    const signer dsa = signer::dsa();
    const std::string by_rsa =
        crypto::sign_cms(document, rsa.key, rsa.shown, digest_kind::sha256, signed_at);
    const std::string by_dsa =
        crypto::sign_cms(document, dsa.key, dsa.shown, digest_kind::sha1, signed_at);
    CHECK(verified(by_rsa, &rsa.shown) == document);
    CHECK(verified(by_dsa, &dsa.shown) == document);
    CHECK_FALSE(verified(by_rsa, &dsa.shown));
    CHECK_FALSE(verified(by_rsa, nullptr));
    CHECK_FALSE(verified(by_dsa, nullptr));
}

TEST_CASE("Every changed byte of content or signature is noticed") {
    const signer rsa = signer::rsa();
    const std::string good =
        crypto::sign_cms(document, rsa.key, rsa.shown, digest_kind::sha256, signed_at);
    const std::size_t content = good.find(document);
    REQUIRE(content != std::string::npos);
    for (std::size_t i = 0; i < document.size(); ++i) {
        std::string changed = good;
        changed[content + i] = char(changed[content + i] ^ 1);
        CHECK_FALSE(verified(changed, &rsa.shown));
    }
    // Three end-of-contents pairs follow the signature.
    for (std::size_t i = good.size() - 7; i > good.size() - 7 - 128; --i) {
        std::string changed = good;
        changed[i] = char(changed[i] ^ 1);
        CHECK_FALSE(verified(changed, &rsa.shown));
    }
}

TEST_CASE("Signed data has the form of EC2's: version 1, indefinite lengths, four attributes") {
    const signer dsa = signer::dsa();
    const std::string bytes =
        crypto::sign_cms(document, dsa.key, dsa.shown, digest_kind::sha1, signed_at);
    // SEQUENCE, indefinite; and the ends of it, of [0] and of SignedData.
    CHECK(bytes.starts_with("\x30\x80"));
    CHECK(bytes.ends_with(std::string(6, '\0')));

    const unsigned char* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const crypto::pkcs7_handle read(d2i_PKCS7(nullptr, &at, long(bytes.size())));
    REQUIRE(read);
    const PKCS7_SIGNED* content = read->d.sign;
    CHECK(ASN1_INTEGER_get(content->version) == 1);
    CHECK(sk_X509_num(content->cert) <= 0);
    CHECK(sk_X509_CRL_num(content->crl) <= 0);
    REQUIRE(sk_PKCS7_SIGNER_INFO_num(content->signer_info) == 1);
    PKCS7_SIGNER_INFO* info = sk_PKCS7_SIGNER_INFO_value(content->signer_info, 0);
    CHECK(OBJ_obj2nid(info->digest_alg->algorithm) == NID_sha1);
    CHECK(OBJ_obj2nid(info->digest_enc_alg->algorithm) == NID_dsaWithSHA1);
    CHECK(info->digest_enc_alg->parameter == nullptr);
    CHECK(X509_NAME_cmp(info->issuer_and_serial->issuer,
                        X509_get_issuer_name(dsa.shown.native())) == 0);
    CHECK(ASN1_INTEGER_cmp(info->issuer_and_serial->serial,
                           X509_get0_serialNumber(dsa.shown.native())) == 0);
    CHECK(sk_X509_ATTRIBUTE_num(info->auth_attr) == 4);
    const ASN1_TYPE* time = PKCS7_get_signed_attribute(info, NID_pkcs9_signingTime);
    REQUIRE(time);
    REQUIRE(time->type == V_ASN1_UTCTIME);
    CHECK(std::string_view(reinterpret_cast<const char*>(time->value.utctime->data),
                           std::size_t(time->value.utctime->length)) == "260921141320Z");
}

TEST_CASE("An RSA signature in signed data names its digest") {
    const signer rsa = signer::rsa();
    const std::string bytes =
        crypto::sign_cms(document, rsa.key, rsa.shown, digest_kind::sha256, signed_at);
    const unsigned char* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const crypto::pkcs7_handle read(d2i_PKCS7(nullptr, &at, long(bytes.size())));
    REQUIRE(read);
    const PKCS7_SIGNER_INFO* info = sk_PKCS7_SIGNER_INFO_value(read->d.sign->signer_info, 0);
    CHECK(OBJ_obj2nid(info->digest_alg->algorithm) == NID_sha256);
    CHECK(OBJ_obj2nid(info->digest_enc_alg->algorithm) == NID_sha256WithRSAEncryption);
    CHECK(info->enc_digest->length == 128);
}

TEST_CASE("Signing with another key's certificate is a fault of the caller") {
    const signer rsa = signer::rsa();
    const signer dsa = signer::dsa();
    CHECK_THROWS_AS(crypto::sign_cms(document, rsa.key, dsa.shown, digest_kind::sha256, signed_at),
                    std::invalid_argument);
}

TEST_CASE("A certificate names its subject, comes back from PEM, and belongs to one key") {
    const signer rsa = signer::rsa();
    CHECK(rsa.shown.subject() == "CN=host,O=imdsd");
    CHECK(rsa.shown.serial_number().size() == 16);
    CHECK(rsa.shown.belongs_to(rsa.key));
    CHECK_FALSE(rsa.shown.belongs_to(signer::dsa().key));
    const auto again = certificate::from_pem(rsa.shown.pem());
    REQUIRE(again.has_value());
    CHECK(again->pem() == rsa.shown.pem());
    CHECK(X509_verify(again->native(), rsa.key.native()) == 1);
    CHECK_FALSE(certificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n").has_value());
    CHECK_FALSE(certificate::from_pem("").has_value());

    support::counting_random random;
    certificate::contents long_name;
    long_name.subject = {{"CN", std::string(65, 'x')}};
    const auto refused = certificate::self_signed(rsa.key, long_name, random);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == base::error_kind::invalid);
}
