#include "pod_identity/token.hpp"

#include "http/request.hpp"

namespace pod_identity {

namespace {

/// "Bearer " in any case: a scheme word has no place here.
bool has_scheme(std::string_view field) {
    constexpr std::string_view scheme = "bearer ";
    return field.size() >= scheme.size() &&
           http::equal_ignoring_case(field.substr(0, scheme.size()), scheme);
}

failure unparsed(const std::string& why) {
    return {400, {}, "Service account token cannot be parsed: " + why};
}

}  // namespace

std::variant<presented_token, failure> read_token(std::string_view field, std::size_t fields,
                                                  base::wall_time now) {
    if (field.empty()) return failure{400, {}, "Service account token cannot be empty"};
    if (fields > 1) return unparsed("token is malformed: more than one Authorization field");
    if (has_scheme(field))
        return unparsed("token is malformed: tokenstring should not contain 'bearer '");
    presented_token token;
    auto parsed = jose::parse_jws(field);
    if (!parsed) return unparsed(parsed.error().message);
    auto claimed = jose::read_claims(parsed->payload);
    if (!claimed) return unparsed(claimed.error().message);
    const auto in_time = jose::check_times(*claimed, now, {base::seconds(0), start_leeway});
    if (!in_time) {
        return failure{
            400,
            {},
            "Service account token failed basic claim validations: " + in_time.error().message};
    }
    token.signed_part = std::move(*parsed);
    token.claimed = std::move(*claimed);
    return token;
}

verdict verify_token(const presented_token& token, const cluster& from, const jose::jwk_set& keys) {
    const auto genuine = jose::verify(token.signed_part, keys);
    if (!genuine) {
        return {invalid_token("the token is not valid: " + genuine.error().message),
                genuine.error().kind == base::error_kind::not_found};
    }
    const auto meant = jose::check_parties(token.claimed, from.issuer, from.audiences);
    if (!meant) return {invalid_token("the token is not valid: " + meant.error().message), false};
    auto account = read_service_account(token.claimed);
    if (!account)
        return {invalid_token("the token is not valid: " + account.error().message), false};
    return {std::move(*account), false};
}

}  // namespace pod_identity
