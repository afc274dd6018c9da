#include "crypto/private_key.hpp"

#include <stdexcept>

#include <climits>
#include <openssl/dsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl_check.hpp"
#include "crypto/openssl_handles.hpp"

namespace crypto {

namespace {

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
    return {key, EVP_PKEY_free};
}

/// What OpenSSL says last; its queue is emptied, so that nothing of it is reported later.
std::string last_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    std::string text = reason != nullptr ? reason : "no reason given";
    ERR_clear_error();
    return text;
}

base::error generation_failed(key_kind kind, const std::atomic<bool>& stop) {
    std::string why = last_reason();
    if (stop.load()) return base::unavailable("the generation of a key was stopped");
    return base::internal(std::string("a ") + to_string(kind) +
                          " key cannot be generated: " + std::move(why));
}

/// Lets OpenSSL's search for primes end early: it asks again and again whether to go on.
void stop_with(EVP_PKEY_CTX* context, const std::atomic<bool>& stop) {
    EVP_PKEY_CTX_set_app_data(context, const_cast<std::atomic<bool>*>(&stop));
    EVP_PKEY_CTX_set_cb(context, [](EVP_PKEY_CTX* asking) -> int {
        return static_cast<std::atomic<bool>*>(EVP_PKEY_CTX_get_app_data(asking))->load() ? 0 : 1;
    });
}

key_context_handle context_for(const char* algorithm) {
    return key_context_handle(check(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr),
                                    "EVP_PKEY_CTX_new_from_name"));
}

/// A key that is encrypted cannot be used by a daemon: nobody is there to be asked.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

const char* to_string(key_kind kind) {
    switch (kind) {
        case key_kind::rsa:
            return "RSA";
        case key_kind::dsa:
            return "DSA";
    }
    return "unknown";
}

base::result<private_key> private_key::generate_rsa(unsigned bits, const std::atomic<bool>& stop) {
    const key_context_handle context = context_for("RSA");
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_keygen_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), int(bits)) != 1)
        return generation_failed(key_kind::rsa, stop);
    stop_with(context.get(), stop);
    if (EVP_PKEY_generate(context.get(), &made) != 1) return generation_failed(key_kind::rsa, stop);
    return private_key(shared(made), key_kind::rsa);
}

base::result<private_key> private_key::generate_dsa(unsigned bits, unsigned q_bits,
                                                    const std::atomic<bool>& stop) {
    const key_context_handle parameters_context = context_for("DSA");
    EVP_PKEY* parameters = nullptr;
    if (EVP_PKEY_paramgen_init(parameters_context.get()) != 1 ||
        EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters_context.get(), int(bits)) != 1 ||
        EVP_PKEY_CTX_set_dsa_paramgen_q_bits(parameters_context.get(), int(q_bits)) != 1)
        return generation_failed(key_kind::dsa, stop);
    stop_with(parameters_context.get(), stop);
    if (EVP_PKEY_generate(parameters_context.get(), &parameters) != 1)
        return generation_failed(key_kind::dsa, stop);
    const key_handle domain(parameters);

    const key_context_handle context(check(
        EVP_PKEY_CTX_new_from_pkey(nullptr, domain.get(), nullptr), "EVP_PKEY_CTX_new_from_pkey"));
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_generate(context.get(), &made) != 1)
        return generation_failed(key_kind::dsa, stop);
    return private_key(shared(made), key_kind::dsa);
}

base::result<private_key> private_key::from_pem(std::string_view text) {
    if (text.size() > INT_MAX) return base::exhausted("the text is too long for a key");
    const bio_handle source(
        check(BIO_new_mem_buf(text.data(), int(text.size())), "BIO_new_mem_buf"));
    key_handle key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr));
    if (!key) {
        ERR_clear_error();
        return base::invalid("no private key in PEM form is in it, or it is damaged or encrypted");
    }
    if (EVP_PKEY_is_a(key.get(), "RSA")) return private_key(shared(key.release()), key_kind::rsa);
    if (EVP_PKEY_is_a(key.get(), "DSA")) return private_key(shared(key.release()), key_kind::dsa);
    return base::invalid("the private key is neither an RSA nor a DSA key");
}

base::secret private_key::pem() const {
    // Memory of this kind is wiped when it is freed.
    const bio_handle out(check(BIO_new(BIO_s_secmem()), "BIO_new"));
    check(
        PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr),
        "PEM_write_bio_PKCS8PrivateKey");
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return base::secret(std::string_view(text, std::size_t(size)));
}

unsigned private_key::bits() const {
    return unsigned(EVP_PKEY_get_bits(key_.get()));
}

std::string private_key::sign_rsa_sha256(std::string_view data) const {
    if (kind_ != key_kind::rsa) throw std::logic_error("an RSA signature needs an RSA key");
    const digest_context_handle context(check(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
    EVP_PKEY_CTX* options = nullptr;  // the digest context's own
    check(EVP_DigestSignInit_ex(context.get(), &options, "SHA256", nullptr, nullptr, key_.get(),
                                nullptr),
          "EVP_DigestSignInit_ex");
    check(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING), "EVP_PKEY_CTX_set_rsa_padding");
    std::string signature(std::size_t(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    check(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         reinterpret_cast<const unsigned char*>(data.data()), data.size()),
          "EVP_DigestSign");
    signature.resize(size);
    return signature;
}

}  // namespace crypto
