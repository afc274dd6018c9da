#include "crypto/hash.hpp"

#include <cstring>
#include <initializer_list>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/openssl_check.hpp"
#include "crypto/openssl_handles.hpp"

namespace crypto {
namespace {

constexpr std::size_t block_size = 64;  // of SHA-256
constexpr std::size_t digest_size = sizeof(digest256);

// Looking an algorithm up costs more than hashing a small message, so it happens once.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm =
        check(EVP_MD_fetch(nullptr, "SHA256", nullptr), "EVP_MD_fetch(SHA256)");
    return algorithm;
}

// One context for each thread, always freshly initialised: it is reset right after use, which also
// clears what it held of keys and of derived keys. Compared with HMAC() of OpenSSL 3.0 this takes a
// quarter of the time.
class hasher {
public:
    hasher() : context_(check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")) {
        check(EVP_DigestInit_ex(context_.get(), sha256_algorithm(), nullptr), "EVP_DigestInit_ex");
    }

    void add(const void* data, std::size_t size) {
        check(EVP_DigestUpdate(context_.get(), data, size), "EVP_DigestUpdate");
    }
    void finish(std::uint8_t* out) {
        check(EVP_DigestFinal_ex(context_.get(), out, nullptr), "EVP_DigestFinal_ex");
        check(EVP_DigestInit_ex(context_.get(), nullptr, nullptr), "EVP_DigestInit_ex");
    }

private:
    digest_context_handle context_;
};

hasher& thread_hasher() {
    thread_local hasher instance;
    return instance;
}

// RFC 2104: H(K xor opad, H(K xor ipad, text)), the text given in parts.
void hmac(std::string_view key, std::initializer_list<std::string_view> parts, std::uint8_t* out) {
    hasher& hash = thread_hasher();
    // The padded key, and behind it the inner digest, so that the outer hash reads them in one go.
    std::uint8_t pad[block_size + digest_size] = {};
    if (key.size() > block_size) {
        hash.add(key.data(), key.size());
        hash.finish(pad);
    } else if (!key.empty()) {
        std::memcpy(pad, key.data(), key.size());
    }

    for (std::size_t i = 0; i < block_size; ++i) {
        pad[i] ^= 0x36;
    }
    hash.add(pad, block_size);
    for (const std::string_view part : parts) {
        hash.add(part.data(), part.size());
    }
    hash.finish(pad + block_size);

    for (std::size_t i = 0; i < block_size; ++i) {
        pad[i] ^= 0x36 ^ 0x5c;
    }
    hash.add(pad, sizeof(pad));
    hash.finish(out);
    OPENSSL_cleanse(pad, sizeof(pad));
}

}  // namespace

digest256 sha256(std::string_view data) {
    hasher& hash = thread_hasher();
    digest256 out;
    hash.add(data.data(), data.size());
    hash.finish(out.data());
    return out;
}

digest256 hmac_sha256(std::string_view key, std::string_view data) {
    digest256 out;
    hmac(key, {data}, out.data());
    return out;
}

void hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                 std::uint8_t* out, std::size_t size) {
    if (size > 255 * digest_size) throw std::invalid_argument("HKDF: more than 8160 bytes");
    // RFC 5869, 2.2: an absent salt is a block of zeros, which HMAC's padding makes of an empty
    // one.
    digest256 extracted;
    hmac(salt, {key}, extracted.data());

    digest256 block;
    std::size_t block_used = 0;  // the chain starts with an empty block
    for (std::uint8_t counter = 1; size > 0; ++counter) {
        const char number = static_cast<char>(counter);
        hmac(as_text(extracted), {as_text(block).substr(0, block_used), info, {&number, 1}},
             block.data());
        block_used = digest_size;
        const std::size_t take = size < digest_size ? size : digest_size;
        std::memcpy(out, block.data(), take);
        out += take;
        size -= take;
    }
    OPENSSL_cleanse(extracted.data(), extracted.size());
    OPENSSL_cleanse(block.data(), block.size());
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace crypto
