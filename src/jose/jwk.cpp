#include "jose/jwk.hpp"

#include <algorithm>

#include "encoding/json.hpp"
#include "jose/base64url.hpp"

namespace jose {

namespace json = boost::json;

namespace {

constexpr std::size_t most_key_depth = 8;
constexpr std::size_t most_operations = 16;

/// A string member; an error when it is there and no string.
base::result<std::optional<std::string>> text_of(const json::object& members,
                                                 std::string_view name) {
    const json::value* value = members.if_contains(name);
    if (!value) return std::optional<std::string>();
    if (!value->is_string()) return base::invalid("'" + std::string(name) + "' is no string");
    return std::optional<std::string>(std::string(value->as_string()));
}

base::result<std::string> bytes_of(const json::object& members, std::string_view name) {
    const auto text = text_of(members, name);
    if (!text) return text.error();
    if (!*text) return base::invalid("'" + std::string(name) + "' is missing");
    auto bytes = decode_base64url(**text);
    if (!bytes) return base::invalid("'" + std::string(name) + "': " + bytes.error().message);
    return bytes;
}

/// Base64urlUInt (RFC 7518 §2): the shortest big-endian form.
base::result<std::string> number_of(const json::object& members, std::string_view name) {
    auto bytes = bytes_of(members, name);
    if (bytes && (bytes->empty() || bytes->front() == '\0'))
        return base::invalid("'" + std::string(name) + "' is not in its shortest form");
    return bytes;
}

base::result<crypto::public_key> rsa_key(const json::object& members) {
    const auto n = number_of(members, "n");
    if (!n) return n.error();
    const auto e = number_of(members, "e");
    if (!e) return e.error();
    return crypto::public_key::rsa(*n, *e);
}

base::result<crypto::public_key> ec_key(const json::object& members) {
    const auto curve = text_of(members, "crv");
    if (!curve) return curve.error();
    const std::string name = curve->value_or("");
    crypto::key_type type;
    if (name == "P-256") {
        type = crypto::key_type::p256;
    } else if (name == "P-384") {
        type = crypto::key_type::p384;
    } else if (name == "P-521") {
        type = crypto::key_type::p521;
    } else {
        return base::invalid("a curve that is not used for signatures");
    }
    const auto x = bytes_of(members, "x");
    if (!x) return x.error();
    const auto y = bytes_of(members, "y");
    if (!y) return y.error();
    return crypto::public_key::ec(type, *x, *y);
}

base::result<crypto::public_key> okp_key(const json::object& members) {
    const auto curve = text_of(members, "crv");
    if (!curve) return curve.error();
    if (*curve != "Ed25519") return base::invalid("a curve that is not used for signatures");
    const auto x = bytes_of(members, "x");
    if (!x) return x.error();
    return crypto::public_key::ed25519(*x);
}

base::result<crypto::public_key> key_of(const json::object& members) {
    // Whoever publishes the private half has no key any more.
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        if (members.contains(name)) return base::invalid("not a public key");
    }
    const auto type = text_of(members, "kty");
    if (!type) return type.error();
    if (*type == "RSA") return rsa_key(members);
    if (*type == "EC") return ec_key(members);
    if (*type == "OKP") return okp_key(members);
    return base::invalid("a key type that is not used for signatures");
}

/// `use` and `key_ops` (RFC 7517 §4.2, §4.3): absent, or for checking signatures.
base::result<void> check_purpose(const json::object& members) {
    const auto use = text_of(members, "use");
    if (!use) return use.error();
    if (*use && **use != "sig") return base::invalid("a key that is not for signatures");
    const json::value* operations = members.if_contains("key_ops");
    if (!operations) return {};
    if (!operations->is_array() || operations->as_array().size() > most_operations)
        return base::invalid("'key_ops' is no list of operations");
    bool verifies = false;
    for (const json::value& one : operations->as_array()) {
        if (!one.is_string()) return base::invalid("'key_ops' is no list of operations");
        verifies = verifies || one.as_string() == "verify";
    }
    if (!verifies) return base::invalid("a key that is not for checking signatures");
    return {};
}

/// Keys without a kid have no place to share.
bool same_place(const jwk& a, const jwk& b) {
    return a.kid && a.kid == b.kid && a.key.type() == b.key.type();
}

bool usable(const jwk& key, algorithm alg) {
    return fits(alg, key.key.type()) && (!key.alg || *key.alg == alg);
}

}  // namespace

base::result<jwk> read_jwk(const json::object& members) {
    if (const auto purpose = check_purpose(members); !purpose) return purpose.error();
    auto kid = text_of(members, "kid");
    if (!kid) return kid.error();
    if (*kid && (*kid)->size() > longest_kid) return base::invalid("'kid' is too long");
    const auto alg_name = text_of(members, "alg");
    if (!alg_name) return alg_name.error();
    std::optional<algorithm> alg;
    if (*alg_name) {
        alg = algorithm_of(**alg_name);
        if (!alg) return base::invalid("an algorithm that is not used for signatures");
    }
    auto key = key_of(members);
    if (!key) return key.error();
    if (alg && !fits(*alg, key->type()))
        return base::invalid("'alg' does not fit the type of the key");
    return jwk{std::move(*kid), alg, std::move(*key)};
}

base::result<jwk_set> read_jwk_set(std::string_view text) {
    const auto root = encoding::parse_json(text, {most_key_depth, most_key_set_bytes});
    if (!root) return root.error();
    const json::value* list = root->is_object() ? root->as_object().if_contains("keys") : nullptr;
    if (!list || !list->is_array()) return base::invalid("not a JWK Set: no list of 'keys'");
    if (list->as_array().size() > most_keys)
        return base::exhausted("a JWK Set of more than " + std::to_string(most_keys) + " keys");
    jwk_set set;
    std::size_t number = 0;
    for (const json::value& entry : list->as_array()) {
        const std::string place = "key " + std::to_string(++number) + ": ";
        if (!entry.is_object()) return base::invalid(place + "no object");
        auto key = read_jwk(entry.as_object());
        if (!key) {
            set.left_out.push_back(place + key.error().message);
        } else if (std::any_of(set.keys.begin(), set.keys.end(),
                               [&](const jwk& other) { return same_place(other, *key); })) {
            set.left_out.push_back(place + "an earlier key has the same kid and type");
        } else {
            set.keys.push_back(std::move(*key));
        }
    }
    if (set.keys.empty()) {
        return base::invalid("no key that can be used: " +
                             (set.left_out.empty() ? "the set is empty" : set.left_out.front()));
    }
    return set;
}

const jwk* find_key(const jwk_set& set, algorithm alg, const std::optional<std::string>& kid) {
    const jwk* found = nullptr;
    for (const jwk& key : set.keys) {
        if (!usable(key, alg)) continue;
        if (kid) {
            if (key.kid == kid) return &key;
        } else {
            if (found) return nullptr;
            found = &key;
        }
    }
    return found;
}

}  // namespace jose
