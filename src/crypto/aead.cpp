#include "crypto/aead.hpp"

#include <stdexcept>

#include <climits>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/owned.hpp"
#include "crypto/openssl_check.hpp"

namespace crypto {
namespace {

/// Freeing it also wipes the key schedule.
using context_handle = base::owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const algorithm =
        check(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), "EVP_CIPHER_fetch(AES-256-GCM)");
    return algorithm;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

int length_of(std::string_view text) {
    if (text.size() > INT_MAX) throw std::length_error("AEAD: more than 2 GiB");
    return static_cast<int>(text.size());
}

void check_sizes(std::string_view key, std::string_view nonce) {
    if (key.size() != aead_key_size) throw std::invalid_argument("AEAD: key is not 32 bytes");
    if (nonce.size() != aead_nonce_size) throw std::invalid_argument("AEAD: nonce is not 12 bytes");
}

}  // namespace

std::string seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                 std::string_view plaintext) {
    check_sizes(key, nonce);
    const context_handle context(check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
    check(EVP_EncryptInit_ex(context.get(), aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)),
          "EVP_EncryptInit_ex");
    int written = 0;
    if (!associated_data.empty()) {
        check(EVP_EncryptUpdate(context.get(), nullptr, &written, bytes_of(associated_data),
                                length_of(associated_data)),
              "EVP_EncryptUpdate");
    }
    std::string sealed(plaintext.size() + aead_tag_size, '\0');
    if (!plaintext.empty()) {
        check(EVP_EncryptUpdate(context.get(), bytes_of(sealed), &written, bytes_of(plaintext),
                                length_of(plaintext)),
              "EVP_EncryptUpdate");
    }
    // GCM is a stream mode: nothing is left to write.
    unsigned char* const tag = bytes_of(sealed) + plaintext.size();
    check(EVP_EncryptFinal_ex(context.get(), tag, &written), "EVP_EncryptFinal_ex");
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, aead_tag_size, tag),
          "EVP_CTRL_AEAD_GET_TAG");
    return sealed;
}

base::result<std::string> open(std::string_view key, std::string_view nonce,
                               std::string_view associated_data, std::string_view sealed) {
    check_sizes(key, nonce);
    if (sealed.size() < aead_tag_size || sealed.size() > INT_MAX ||
        associated_data.size() > INT_MAX) {
        return base::denied("sealed text does not open");
    }
    const std::string_view ciphertext = sealed.substr(0, sealed.size() - aead_tag_size);
    std::string tag(sealed.substr(ciphertext.size()));

    const context_handle context(check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new"));
    check(EVP_DecryptInit_ex(context.get(), aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)),
          "EVP_DecryptInit_ex");
    check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, aead_tag_size, tag.data()),
          "EVP_CTRL_AEAD_SET_TAG");
    int written = 0;
    if (!associated_data.empty()) {
        check(EVP_DecryptUpdate(context.get(), nullptr, &written, bytes_of(associated_data),
                                length_of(associated_data)),
              "EVP_DecryptUpdate");
    }
    std::string plaintext(ciphertext.size(), '\0');
    if (!ciphertext.empty()) {
        check(EVP_DecryptUpdate(context.get(), bytes_of(plaintext), &written, bytes_of(ciphertext),
                                length_of(ciphertext)),
              "EVP_DecryptUpdate");
    }
    unsigned char nothing[aead_tag_size];
    if (EVP_DecryptFinal_ex(context.get(), nothing, &written) != 1) {
        // Unauthenticated plaintext must not survive, not even in freed memory.
        OPENSSL_cleanse(plaintext.data(), plaintext.size());
        return base::denied("sealed text does not open");
    }
    return plaintext;
}

}  // namespace crypto
