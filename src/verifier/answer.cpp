#include "verifier/answer.hpp"

#include <algorithm>

#include "encoding/base64.hpp"
#include "verifier/json_reader.hpp"

namespace verifier {

namespace {

constexpr std::int64_t longest_cache = 3600;  // seconds, whatever an answer says

failure not_readable(int http_status, std::string_view what) {
    return {IMDSD_UNAVAILABLE, "",
            "the issuer answered " + std::to_string(http_status) + ": " + std::string(what)};
}

std::string_view text_of(const json_value& object, std::string_view name) {
    const json_value* member = object.find(name);
    return member == nullptr ? std::string_view() : member->text();
}

failure refusal(const json_value& answer, int http_status) {
    const json_value* error = answer.find("Error");
    const std::string_view code = error == nullptr ? "" : text_of(*error, "Code");
    if (code.empty()) return not_readable(http_status, "no answer of an issuer");
    imdsd_status status = IMDSD_REFUSED;
    if (code == "UnknownCaller")
        status = IMDSD_UNKNOWN_CALLER;
    else if (code == "ExpiredCaller")
        status = IMDSD_EXPIRED;
    else if (http_status >= 500 || code == "Throttling")
        status = IMDSD_UNAVAILABLE;
    std::string shown(code);
    // What the caller is to be told, in AWS's words; of the service's own troubles: nothing.
    if (status == IMDSD_UNKNOWN_CALLER) shown = "InvalidClientTokenId";
    if (status == IMDSD_EXPIRED) shown = "ExpiredToken";
    return {status, std::move(shown), std::string(text_of(*error, "Message"))};
}

bool take_key(const json_value& result, const imdsd_claim& claim, imdsd_grant& out) {
    const json_value* key = result.find("SigningKey");
    if (key == nullptr || text_of(*key, "Date") != claim.scope.date ||
        text_of(*key, "Region") != claim.scope.region ||
        text_of(*key, "Service") != claim.scope.service)
        return false;
    auto bytes = encoding::decode_base64(text_of(*key, "Key"));
    if (!bytes) return false;
    const bool fits = bytes->size() == out.key.size();
    if (fits) std::copy(bytes->begin(), bytes->end(), out.key.begin());
    base::wipe(bytes->data(), bytes->size());
    return fits;
}

bool take_tags(const json_value& result, imdsd_grant& out) {
    const json_value* tags = result.find("Tags");
    if (tags == nullptr) return true;
    if (tags->kind() != json_value::type::array) return false;
    for (const json_value& tag : tags->elements()) {
        const json_value *key = tag.find("Key"), *value = tag.find("Value");
        const auto is_text = [](const json_value* v) {
            return v != nullptr && v->kind() == json_value::type::text;
        };
        if (!is_text(key) || !is_text(value)) return false;
        out.tags.emplace_back(key->text(), value->text());
    }
    return true;
}

bool take_times(const json_value& result, bool session, std::int64_t now, imdsd_grant& out) {
    const json_value *cache = result.find("CacheSeconds"), *end = result.find("Expiration");
    const auto seconds = cache == nullptr ? std::nullopt : cache->integer();
    if (!seconds || *seconds < 0) return false;
    out.good_until = now + std::min(*seconds, longest_cache);
    // What has a token has an end.
    if (session != (end != nullptr)) return false;
    if (end == nullptr) return true;
    const auto expiration = end->integer();
    if (!expiration || *expiration <= 0 || *expiration > latest_time) return false;
    out.expiration = *expiration;
    out.good_until = std::min(out.good_until, out.expiration);
    return true;
}

bool take_decision(const json_value& result, imdsd_grant& out) {
    const json_value* decision = result.find("Decision");
    if (decision == nullptr) return true;
    const std::string_view said = text_of(*decision, "EvalDecision");
    out.decision = said == "allowed"        ? IMDSD_DECISION_ALLOWED
                   : said == "explicitDeny" ? IMDSD_DECISION_EXPLICIT_DENY
                                            : IMDSD_DECISION_IMPLICIT_DENY;
    return said == "allowed" || said == "explicitDeny" || said == "implicitDeny";
}

bool take_identity(const json_value& result, imdsd_grant& out) {
    out.arn = text_of(result, "Arn");
    out.account = text_of(result, "Account");
    out.user_id = text_of(result, "UserId");
    out.access_key_id = text_of(result, "AccessKeyId");
    out.principal_type = text_of(result, "PrincipalType");
    out.role_arn = text_of(result, "RoleArn");
    out.session_name = text_of(result, "SessionName");
    out.source_identity = text_of(result, "SourceIdentity");
    return !out.arn.empty() && !out.account.empty() && !out.user_id.empty();
}

}  // namespace

std::optional<failure> read_answer(const imdsd_claim& claim, int http_status, std::string_view body,
                                   std::int64_t now, imdsd_grant& out) {
    if (body.size() > most_answer_bytes) return not_readable(http_status, "too long");
    const auto answer = json_value::parse(body);
    if (!answer) return not_readable(http_status, "not JSON");
    if (http_status != 200) return refusal(*answer, http_status);
    const json_value* response = answer->find("VerifyCallerResponse");
    const json_value* result = response == nullptr ? nullptr : response->find("VerifyCallerResult");
    const bool read = result != nullptr && take_identity(*result, out) &&
                      out.access_key_id == claim.access_key_id && take_key(*result, claim, out) &&
                      take_tags(*result, out) &&
                      take_times(*result, claim.session_token.has_value(), now, out) &&
                      take_decision(*result, out);
    if (!read) return not_readable(http_status, "not an answer to this call");
    out.scope = claim.scope;
    if (claim.session_token) out.session_token = crypto::sha256(*claim.session_token);
    if (out.expiration != 0 && out.expiration <= now)
        return failure{IMDSD_EXPIRED, "ExpiredToken",
                       "The security token included in the request is expired"};
    return std::nullopt;
}

}  // namespace verifier
