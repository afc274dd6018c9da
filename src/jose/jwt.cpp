#include "jose/jwt.hpp"

#include <algorithm>

#include "encoding/json.hpp"
#include "jose/jws.hpp"

namespace jose {

namespace json = boost::json;

namespace {

constexpr std::size_t most_claims_depth = 16;
constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

base::error malformed(std::string what) {
    return base::invalid("token is malformed: could not JSON decode claim: " + std::move(what));
}

base::result<void> read_text(const json::object& all, std::string_view name,
                             std::optional<std::string>& into) {
    const json::value* value = all.if_contains(name);
    if (!value) return {};
    if (!value->is_string()) return malformed("'" + std::string(name) + "' is no string");
    into = std::string(value->as_string());
    return {};
}

/// NumericDate (RFC 7519 §2): seconds since 1970, with or without a fraction.
base::result<void> read_time(const json::object& all, std::string_view name,
                             std::optional<base::wall_time>& into) {
    const json::value* value = all.if_contains(name);
    if (!value) return {};
    double since = -1;
    if (value->is_int64()) {
        since = double(value->as_int64());
    } else if (value->is_uint64()) {
        since = double(value->as_uint64());
    } else if (value->is_double()) {
        since = value->as_double();
    } else {
        return malformed("'" + std::string(name) + "' is no number");
    }
    if (!(since >= 0 && since <= double(last_second)))
        return malformed("'" + std::string(name) + "' is out of range");
    into = base::wall_time(base::milliseconds(std::int64_t(since * 1000)));
    return {};
}

base::result<void> read_audience(const json::object& all, std::vector<std::string>& into) {
    const json::value* value = all.if_contains("aud");
    if (!value) return {};
    if (value->is_string()) {
        into.emplace_back(value->as_string());
        return {};
    }
    if (!value->is_array() || value->as_array().size() > most_audiences)
        return malformed("'aud' is neither a string nor a list of a usual length");
    for (const json::value& one : value->as_array()) {
        if (!one.is_string()) return malformed("'aud' is no list of strings");
        into.emplace_back(one.as_string());
    }
    return {};
}

void add(std::string& list, std::string_view what) {
    if (!list.empty()) list += ", ";
    list += what;
}

}  // namespace

base::result<claims> read_claims(std::string_view payload) {
    auto root = encoding::parse_json(payload, {most_claims_depth, most_token_bytes});
    if (!root) return malformed(root.error().message);
    if (!root->is_object()) return malformed("no object");
    claims read;
    const json::object& all = root->as_object();
    if (const auto r = read_text(all, "iss", read.issuer); !r) return r.error();
    if (const auto r = read_text(all, "sub", read.subject); !r) return r.error();
    if (const auto r = read_text(all, "jti", read.id); !r) return r.error();
    if (const auto r = read_audience(all, read.audience); !r) return r.error();
    if (const auto r = read_time(all, "exp", read.expires); !r) return r.error();
    if (const auto r = read_time(all, "nbf", read.not_before); !r) return r.error();
    if (const auto r = read_time(all, "iat", read.issued); !r) return r.error();
    read.all = std::move(root->as_object());
    return read;
}

base::result<void> check_times(const claims& claimed, base::wall_time now,
                               const time_rules& rules) {
    std::string wrong;
    bool expired = false;
    if (!claimed.expires) {
        add(wrong, "token is missing required claim: exp claim is required");
    } else if (now >= *claimed.expires + rules.expiry_leeway) {
        expired = true;
        add(wrong, "token is expired");
    }
    if (claimed.not_before && now < *claimed.not_before - rules.start_leeway)
        add(wrong, "token is not valid yet");
    if (claimed.issued && now < *claimed.issued - rules.start_leeway)
        add(wrong, "token used before issued");
    if (wrong.empty()) return {};
    return base::error{expired ? base::error_kind::expired : base::error_kind::denied, wrong};
}

base::result<void> check_parties(const claims& claimed, std::string_view issuer,
                                 std::span<const std::string> audiences) {
    if (claimed.issuer != issuer) return base::denied("token has invalid issuer");
    const bool meant =
        std::any_of(claimed.audience.begin(), claimed.audience.end(), [&](const std::string& one) {
            return std::find(audiences.begin(), audiences.end(), one) != audiences.end();
        });
    if (!meant) return base::denied("token has invalid audience");
    return {};
}

}  // namespace jose
