#include "crypto/certificate.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include <climits>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "crypto/openssl_check.hpp"
#include "crypto/openssl_handles.hpp"

namespace crypto {

namespace {

std::shared_ptr<X509> shared(X509* made) {
    return {made, X509_free};
}

std::string text_of(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, std::size_t(size)};
}

/// Never zero, never negative (RFC 5280, 4.1.2.2).
std::uint64_t random_serial(base::random& random) {
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    std::uint64_t number = 0;
    random.fill(bytes);
    std::memcpy(&number, bytes.data(), sizeof number);
    return (number >> 1) | 1;
}

void set_time(ASN1_TIME* to, base::wall_time when) {
    const auto seconds = std::chrono::floor<base::seconds>(when).time_since_epoch().count();
    check(ASN1_TIME_adj(to, 0, int(seconds / 86400), long(seconds % 86400)), "ASN1_TIME_adj");
}

void add_extension(X509* to, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
    const extension_handle extension(
        check(X509V3_EXT_conf_nid(nullptr, &context, nid, value), "X509V3_EXT_conf_nid"));
    check(X509_add_ext(to, extension.get(), -1), "X509_add_ext");
}

}  // namespace

base::result<certificate> certificate::self_signed(const private_key& key, const contents& chosen,
                                                   base::random& random) {
    std::shared_ptr<X509> made = shared(check(X509_new(), "X509_new"));
    check(X509_set_version(made.get(), X509_VERSION_3), "X509_set_version");
    check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), random_serial(random)),
          "ASN1_INTEGER_set_uint64");
    set_time(X509_getm_notBefore(made.get()), chosen.not_before);
    set_time(X509_getm_notAfter(made.get()), chosen.not_after);

    const name_handle subject(check(X509_NAME_new(), "X509_NAME_new"));
    for (const auto& [attribute, value] : chosen.subject) {
        if (X509_NAME_add_entry_by_txt(subject.get(), attribute.c_str(), MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       int(value.size()), -1, 0) != 1) {
            ERR_clear_error();
            return base::invalid("a certificate cannot have the subject " + attribute + "=" +
                                 value);
        }
    }
    check(X509_set_subject_name(made.get(), subject.get()), "X509_set_subject_name");
    check(X509_set_issuer_name(made.get(), subject.get()), "X509_set_issuer_name");
    check(X509_set_pubkey(made.get(), key.native()), "X509_set_pubkey");
    add_extension(made.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(made.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(made.get(), NID_subject_key_identifier, "hash");
    if (X509_sign(made.get(), key.native(), EVP_sha256()) == 0) openssl_failed("X509_sign");
    return certificate(std::move(made));
}

base::result<certificate> certificate::from_pem(std::string_view text) {
    if (text.size() > INT_MAX) return base::exhausted("the text is too long for a certificate");
    const bio_handle source(
        check(BIO_new_mem_buf(text.data(), int(text.size())), "BIO_new_mem_buf"));
    X509* read = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr);
    if (read == nullptr) {
        ERR_clear_error();
        return base::invalid("no certificate in PEM form is in it, or it is damaged");
    }
    return certificate(shared(read));
}

std::string certificate::pem() const {
    const bio_handle out(check(BIO_new(BIO_s_mem()), "BIO_new"));
    check(PEM_write_bio_X509(out.get(), certificate_.get()), "PEM_write_bio_X509");
    return text_of(out.get());
}

bool certificate::belongs_to(const private_key& key) const {
    const bool same = X509_check_private_key(certificate_.get(), key.native()) == 1;
    ERR_clear_error();
    return same;
}

std::string certificate::serial_number() const {
    const bio_handle out(check(BIO_new(BIO_s_mem()), "BIO_new"));
    i2a_ASN1_INTEGER(out.get(), X509_get0_serialNumber(certificate_.get()));
    return text_of(out.get());
}

std::string certificate::subject() const {
    const bio_handle out(check(BIO_new(BIO_s_mem()), "BIO_new"));
    X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate_.get()), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return text_of(out.get());
}

}  // namespace crypto
