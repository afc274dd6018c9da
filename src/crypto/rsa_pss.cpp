#include "crypto/rsa_pss.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl_handles.hpp"

namespace crypto {

namespace {

constexpr int salt_bytes = 32;

/// A key that is encrypted cannot be used by a daemon: nobody is there to be asked.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

base::error failed(std::string message) {
    ERR_clear_error();
    return base::invalid(std::move(message));
}

}  // namespace

base::result<std::string> sign_rsa_pss_sha256(std::string_view private_key_pem,
                                              std::string_view data) {
    if (private_key_pem.size() > INT_MAX) return failed("the key is too large");
    const bio_handle text(BIO_new_mem_buf(private_key_pem.data(), int(private_key_pem.size())));
    const key_handle signer(
        text ? PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!signer) return failed("there is no private key in PEM form that is not encrypted");
    if (EVP_PKEY_is_a(signer.get(), "RSA") != 1) return failed("the key is no RSA key");
    if (EVP_PKEY_get_bits(signer.get()) < least_pss_key_bits) {
        return failed("the key has less than " + std::to_string(least_pss_key_bits) + " bits");
    }
    const digest_context_handle context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
    if (!context ||
        EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, signer.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt_bytes) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) != 1) {
        return failed("the key cannot sign");
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes, data.size()) != 1) {
        return failed("the key cannot sign");
    }
    signature.resize(size);
    return signature;
}

}  // namespace crypto
