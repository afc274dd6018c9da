#include "verifier/answer.hpp"

#include <algorithm>

#include "encoding/base64.hpp"
#include "encoding/json.hpp"

namespace verifier {

namespace {

namespace json = boost::json;

constexpr std::size_t deepest_answer = 16;
constexpr std::int64_t longest_cache = 3600;  // seconds, whatever an answer says

failure not_readable(int http_status, std::string_view what) {
    return {IMDSD_UNAVAILABLE, "",
            "the issuer answered " + std::to_string(http_status) + ": " + std::string(what)};
}

/// The member of an object; null: there is none, or this is no object.
const json::value* find(const json::value& from, std::string_view name) {
    const json::object* members = from.if_object();
    return members == nullptr ? nullptr : members->if_contains(name);
}

/// Empty when it is no text, or not there.
std::string_view text_of(const json::value& from, std::string_view name) {
    const json::value* member = find(from, name);
    const json::string* text = member == nullptr ? nullptr : member->if_string();
    return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

std::optional<std::int64_t> integer_of(const json::value& from, std::string_view name) {
    const json::value* member = find(from, name);
    const std::int64_t* number = member == nullptr ? nullptr : member->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

failure refusal(const json::value& answer, int http_status) {
    const json::value* error = find(answer, "Error");
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

bool take_key(const json::value& result, const imdsd_claim& claim, imdsd_grant& out) {
    const json::value* key = find(result, "SigningKey");
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

bool take_tags(const json::value& result, imdsd_grant& out) {
    const json::value* tags = find(result, "Tags");
    if (tags == nullptr) return true;
    if (!tags->is_array()) return false;
    for (const json::value& tag : tags->get_array()) {
        const json::value *key = find(tag, "Key"), *value = find(tag, "Value");
        if (key == nullptr || !key->is_string() || value == nullptr || !value->is_string())
            return false;
        out.tags.emplace_back(text_of(tag, "Key"), text_of(tag, "Value"));
    }
    return true;
}

bool take_times(const json::value& result, bool session, std::int64_t now, imdsd_grant& out) {
    const json::value* end = find(result, "Expiration");
    const auto seconds = integer_of(result, "CacheSeconds");
    if (!seconds || *seconds < 0) return false;
    out.good_until = now + std::min(*seconds, longest_cache);
    // What has a token has an end.
    if (session != (end != nullptr)) return false;
    if (end == nullptr) return true;
    const auto expiration = integer_of(result, "Expiration");
    if (!expiration || *expiration <= 0 || *expiration > latest_time) return false;
    out.expiration = *expiration;
    out.good_until = std::min(out.good_until, out.expiration);
    return true;
}

bool take_decision(const json::value& result, imdsd_grant& out) {
    const json::value* decision = find(result, "Decision");
    if (decision == nullptr) return true;
    const std::string_view said = text_of(*decision, "EvalDecision");
    out.decision = said == "allowed"        ? IMDSD_DECISION_ALLOWED
                   : said == "explicitDeny" ? IMDSD_DECISION_EXPLICIT_DENY
                                            : IMDSD_DECISION_IMPLICIT_DENY;
    return said == "allowed" || said == "explicitDeny" || said == "implicitDeny";
}

bool take_identity(const json::value& result, imdsd_grant& out) {
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
    auto answer = encoding::parse_json(body, {.depth = deepest_answer, .bytes = most_answer_bytes});
    if (!answer) return not_readable(http_status, "not JSON");
    const encoding::wiped_texts guard(*answer);  // one of them is the key
    if (http_status != 200) return refusal(*answer, http_status);
    const json::value* response = find(*answer, "VerifyCallerResponse");
    const json::value* result =
        response == nullptr ? nullptr : find(*response, "VerifyCallerResult");
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
