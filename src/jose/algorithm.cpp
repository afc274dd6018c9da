#include "jose/algorithm.hpp"

#include <array>

namespace jose {

namespace {

using crypto::hash_function;
using crypto::key_type;
using crypto::signature_scheme;

struct description {
    algorithm alg;
    std::string_view name;
    signature_scheme scheme;
    hash_function hash;
    key_type key;
};

constexpr std::array<description, 10> table{{
    {algorithm::rs256, "RS256", signature_scheme::rsa_pkcs1, hash_function::sha256, key_type::rsa},
    {algorithm::rs384, "RS384", signature_scheme::rsa_pkcs1, hash_function::sha384, key_type::rsa},
    {algorithm::rs512, "RS512", signature_scheme::rsa_pkcs1, hash_function::sha512, key_type::rsa},
    {algorithm::ps256, "PS256", signature_scheme::rsa_pss, hash_function::sha256, key_type::rsa},
    {algorithm::ps384, "PS384", signature_scheme::rsa_pss, hash_function::sha384, key_type::rsa},
    {algorithm::ps512, "PS512", signature_scheme::rsa_pss, hash_function::sha512, key_type::rsa},
    {algorithm::es256, "ES256", signature_scheme::ecdsa, hash_function::sha256, key_type::p256},
    {algorithm::es384, "ES384", signature_scheme::ecdsa, hash_function::sha384, key_type::p384},
    {algorithm::es512, "ES512", signature_scheme::ecdsa, hash_function::sha512, key_type::p521},
    {algorithm::eddsa, "EdDSA", signature_scheme::ed25519, hash_function::sha512,
     key_type::ed25519},
}};

const description& describe(algorithm alg) {
    return table[std::size_t(alg)];
}

}  // namespace

std::optional<algorithm> algorithm_of(std::string_view name) {
    for (const description& d : table) {
        if (d.name == name) return d.alg;
    }
    return std::nullopt;
}

std::string_view name_of(algorithm alg) {
    return describe(alg).name;
}

bool fits(algorithm alg, crypto::key_type type) {
    return describe(alg).key == type;
}

bool verify(algorithm alg, const crypto::public_key& key, std::string_view message,
            std::string_view signature) {
    if (!fits(alg, key.type())) return false;
    return key.verify(describe(alg).scheme, describe(alg).hash, message, signature);
}

}  // namespace jose
