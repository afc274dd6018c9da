#include "crypto/public_key.hpp"

#include <string>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/openssl_check.hpp"
#include "crypto/openssl_handles.hpp"

namespace crypto {
namespace {

using number_handle = base::owned<BIGNUM, BN_free>;
using secret_number_handle = base::owned<BIGNUM, BN_clear_free>;
using point_handle = base::owned<EC_POINT, EC_POINT_free>;
using builder_handle = base::owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using parameters_handle = base::owned<OSSL_PARAM, OSSL_PARAM_free>;
using ecdsa_handle = base::owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t ed25519_size = 32;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

number_handle number(std::string_view big_endian) {
    return number_handle(
        check(BN_bin2bn(bytes_of(big_endian), int(big_endian.size()), nullptr), "BN_bin2bn"));
}

std::size_t coordinate_size(key_type curve) {
    switch (curve) {
        case key_type::p256:
            return 32;
        case key_type::p384:
            return 48;
        case key_type::p521:
            return 66;
        case key_type::rsa:
        case key_type::ed25519:
            break;
    }
    return 0;
}

const char* group_name(key_type curve) {
    switch (curve) {
        case key_type::p256:
            return SN_X9_62_prime256v1;
        case key_type::p384:
            return SN_secp384r1;
        case key_type::p521:
            return SN_secp521r1;
        case key_type::rsa:
        case key_type::ed25519:
            break;
    }
    return "";
}

const EVP_MD* algorithm(hash_function hash) {
    // Looking an algorithm up costs more than hashing a small message, so it happens once.
    static const EVP_MD* const sha256 =
        check(EVP_MD_fetch(nullptr, "SHA256", nullptr), "EVP_MD_fetch(SHA256)");
    static const EVP_MD* const sha384 =
        check(EVP_MD_fetch(nullptr, "SHA384", nullptr), "EVP_MD_fetch(SHA384)");
    static const EVP_MD* const sha512 =
        check(EVP_MD_fetch(nullptr, "SHA512", nullptr), "EVP_MD_fetch(SHA512)");
    switch (hash) {
        case hash_function::sha256:
            return sha256;
        case hash_function::sha384:
            return sha384;
        case hash_function::sha512:
            return sha512;
    }
    return sha256;
}

/// Null when OpenSSL does not take the numbers for a key.
key_handle import(const char* type, OSSL_PARAM_BLD* builder) {
    const parameters_handle parameters(
        check(OSSL_PARAM_BLD_to_param(builder), "OSSL_PARAM_BLD_to_param"));
    const key_context_handle context(
        check(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), "EVP_PKEY_CTX_new_from_name"));
    check(EVP_PKEY_fromdata_init(context.get()), "EVP_PKEY_fromdata_init");
    EVP_PKEY* key = nullptr;
    const bool taken =
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    ERR_clear_error();
    return key_handle(taken ? key : nullptr);
}

/// r || s -> DER. Nothing when the size is not twice that of a coordinate.
std::string der_signature(std::string_view signature, std::size_t coordinate) {
    if (signature.size() != 2 * coordinate) return {};
    const ecdsa_handle pair(check(ECDSA_SIG_new(), "ECDSA_SIG_new"));
    number_handle r = number(signature.substr(0, coordinate));
    number_handle s = number(signature.substr(coordinate));
    check(ECDSA_SIG_set0(pair.get(), r.release(), s.release()), "ECDSA_SIG_set0");
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) openssl_failed("i2d_ECDSA_SIG");
    std::string text(reinterpret_cast<const char*>(der), std::size_t(size));
    OPENSSL_free(der);
    return text;
}

bool fits(signature_scheme scheme, key_type type) {
    switch (scheme) {
        case signature_scheme::rsa_pkcs1:
        case signature_scheme::rsa_pss:
            return type == key_type::rsa;
        case signature_scheme::ecdsa:
        case signature_scheme::ecdsa_der:
            return coordinate_size(type) != 0;
        case signature_scheme::ed25519:
            return type == key_type::ed25519;
    }
    return false;
}

/// A point as SEC 1 §2.3.3 writes it. Null when OpenSSL does not take it.
key_handle import_point(key_type curve, std::string_view point) {
    const builder_handle builder(check(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new"));
    check(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                          group_name(curve), 0),
          "OSSL_PARAM_BLD_push_utf8_string");
    check(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                           point.size()),
          "OSSL_PARAM_BLD_push_octet_string");
    return import("EC", builder.get());
}

bool use_pss(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

struct public_key::handle {
    key_handle key;
};

base::result<public_key> public_key::rsa(std::string_view modulus, std::string_view exponent) {
    constexpr std::size_t most_exponent_bits = 32;
    if (modulus.size() > most_rsa_bits / 8 + 1 || exponent.size() > most_exponent_bits / 8 + 1)
        return base::invalid("an RSA key of a size that is not used");
    const number_handle n = number(modulus);
    const number_handle e = number(exponent);
    const auto bits = std::size_t(BN_num_bits(n.get()));
    if (bits < least_rsa_bits) {
        return base::invalid("an RSA key of " + std::to_string(bits) + " bits; the least is " +
                             std::to_string(least_rsa_bits));
    }
    if (bits > most_rsa_bits) {
        return base::invalid("an RSA key of " + std::to_string(bits) + " bits; the most is " +
                             std::to_string(most_rsa_bits));
    }
    if (!BN_is_odd(n.get())) return base::invalid("an RSA modulus that is even");
    if (!BN_is_odd(e.get()) || BN_is_one(e.get()) ||
        std::size_t(BN_num_bits(e.get())) > most_exponent_bits) {
        return base::invalid("an RSA exponent that is even, 1 or above 2^32");
    }
    const builder_handle builder(check(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new"));
    check(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()),
          "OSSL_PARAM_BLD_push_BN");
    check(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()),
          "OSSL_PARAM_BLD_push_BN");
    key_handle key = import("RSA", builder.get());
    if (!key) return base::invalid("not an RSA key");
    return public_key(key_type::rsa, std::make_shared<const handle>(handle{std::move(key)}));
}

base::result<public_key> public_key::ec(key_type curve, std::string_view x, std::string_view y) {
    const std::size_t size = coordinate_size(curve);
    if (size == 0) return base::invalid("not an elliptic curve of ECDSA");
    if (x.size() != size || y.size() != size)
        return base::invalid("coordinates that have not the size of the curve");
    std::string point("\x04");  // uncompressed (SEC 1 §2.3.3)
    point.append(x).append(y);
    key_handle key = import_point(curve, point);
    if (key) {
        const key_context_handle context(check(
            EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr), "EVP_PKEY_CTX_new_from_pkey"));
        if (EVP_PKEY_public_check(context.get()) != 1) key.reset();
        ERR_clear_error();
    }
    if (!key) return base::invalid("a point that is not on the curve");
    return public_key(curve, std::make_shared<const handle>(handle{std::move(key)}));
}

base::result<public_key> public_key::of_p256_private(std::string_view big_endian) {
    static EC_GROUP* const group =
        check(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "EC_GROUP_new_by_curve_name");
    const secret_number_handle d(number(big_endian).release());
    BN_set_flags(d.get(), BN_FLG_CONSTTIME);
    if (big_endian.size() != coordinate_size(key_type::p256) || BN_is_zero(d.get()) ||
        BN_cmp(d.get(), EC_GROUP_get0_order(group)) >= 0)
        return base::invalid("not a private number of P-256");
    const point_handle product(check(EC_POINT_new(group), "EC_POINT_new"));
    check(EC_POINT_mul(group, product.get(), d.get(), nullptr, nullptr, nullptr), "EC_POINT_mul");
    unsigned char point[65];
    if (EC_POINT_point2oct(group, product.get(), POINT_CONVERSION_UNCOMPRESSED, point, sizeof point,
                           nullptr) != sizeof point)
        openssl_failed("EC_POINT_point2oct");
    key_handle key = import_point(key_type::p256, {reinterpret_cast<char*>(point), sizeof point});
    check(key.get(), "EVP_PKEY_fromdata");
    return public_key(key_type::p256, std::make_shared<const handle>(handle{std::move(key)}));
}

base::result<public_key> public_key::ed25519(std::string_view point) {
    if (point.size() != ed25519_size) return base::invalid("an Ed25519 key has 32 bytes");
    key_handle key(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(point), point.size()));
    ERR_clear_error();
    if (!key) return base::invalid("not an Ed25519 key");
    return public_key(key_type::ed25519, std::make_shared<const handle>(handle{std::move(key)}));
}

bool public_key::verify(signature_scheme scheme, hash_function hash, std::string_view message,
                        std::string_view signature) const {
    if (!fits(scheme, type_)) return false;
    std::string der;
    if (scheme == signature_scheme::ecdsa) {
        der = der_signature(signature, coordinate_size(type_));
        if (der.empty()) return false;
        signature = der;
    }
    const digest_context_handle context(check(EVP_MD_CTX_new(), "EVP_MD_CTX_new"));
    EVP_PKEY_CTX* options = nullptr;  // owned by the digest context
    const EVP_MD* const digest = scheme == signature_scheme::ed25519 ? nullptr : algorithm(hash);
    check(EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, key_->key.get()),
          "EVP_DigestVerifyInit");
    if (scheme == signature_scheme::rsa_pss && !use_pss(options)) openssl_failed("RSA-PSS");
    const bool good = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                       bytes_of(message), message.size()) == 1;
    // What a bad signature leaves in the thread's queue must not be taken for someone else's error.
    ERR_clear_error();
    return good;
}

}  // namespace crypto
