#include <algorithm>
#include <charconv>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "http/target.hpp"
#include "sigv4/failure.hpp"
#include "sigv4/limits.hpp"
#include "sigv4/parameters.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {
namespace {

bool is_amz_header(std::string_view name) {
    constexpr std::string_view prefix = "x-amz-";
    return name.size() > prefix.size() &&
           http::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

// The fields that a signature depends on; each may be there once.
struct auth_fields {
    const http::field* authorization = nullptr;
    const http::field* host = nullptr;
    const http::field* date = nullptr;
    const http::field* amz_date = nullptr;
    const http::field* security_token = nullptr;
    const http::field* content_sha256 = nullptr;
    const http::field* region_set = nullptr;
    std::vector<const http::field*> amz;  // all x-amz-* fields
};

base::result<auth_fields> find_fields(const http::request& request) {
    auth_fields out;
    const std::pair<std::string_view, const http::field**> known[] = {
        {"authorization", &out.authorization},
        {"host", &out.host},
        {"date", &out.date},
        {"x-amz-date", &out.amz_date},
        {"x-amz-security-token", &out.security_token},
        {"x-amz-content-sha256", &out.content_sha256},
        {"x-amz-region-set", &out.region_set}};
    for (const http::field& field : request.fields) {
        bool repeated = false;
        for (const auto& [name, slot] : known) {
            if (!http::equal_ignoring_case(field.name, name)) continue;
            repeated = *slot != nullptr;
            *slot = &field;
            break;
        }
        if (is_amz_header(field.name)) {
            for (const http::field* other : out.amz) {
                repeated = repeated || http::equal_ignoring_case(other->name, field.name);
            }
            out.amz.push_back(&field);
        }
        if (repeated) {
            return incomplete_signature("Header " + quoted(field.name) + " is repeated.");
        }
    }
    return out;
}

bool is_signed(const claim& claim, std::string_view name) {
    return std::any_of(
        claim.signed_headers.begin(), claim.signed_headers.end(),
        [&](const std::string& listed) { return http::equal_ignoring_case(listed, name); });
}

base::error not_a_date(std::string_view text) {
    return incomplete_signature("Date must be in ISO-8601 'basic format'. Got " + quoted(text) +
                                ". See http://en.wikipedia.org/wiki/ISO_8601");
}

base::result<void> set_time(claim& claim, std::string_view text) {
    const auto time = base::parse_iso8601_basic(text);
    if (!time) return not_a_date(text);
    claim.timestamp = text;
    claim.time = *time;
    return {};
}

// The Date header may have HTTP's own form; what gets signed is the basic form all the same.
// botocore writes the zone as mail does (RFC 5322): -0000.
base::result<void> set_time_of_http(claim& claim, std::string_view text) {
    std::string in_gmt(text);
    for (const std::string_view zone : {" -0000", " +0000"})
        if (text.ends_with(zone)) in_gmt.replace(text.size() - zone.size(), zone.size(), " GMT");
    const auto time = base::parse_imf_fixdate(in_gmt);
    if (!time) return set_time(claim, text);
    claim.timestamp = base::iso8601_basic(*time);
    claim.time = *time;
    return {};
}

base::result<void> set_parameters(claim& claim, const raw_parameters& raw,
                                  credential_parts& credential) {
    const auto parts = parse_credential(raw.credential, raw.how);
    if (!parts) return parts.error();
    credential = *parts;
    auto names = parse_signed_headers(raw.signed_headers);
    if (!names) return names.error();

    claim.signed_by = raw.how;
    claim.access_key_id = credential.access_key_id;
    claim.credential_scope.date = credential.date;
    claim.credential_scope.region = credential.region;
    claim.credential_scope.service = credential.service;
    claim.signed_headers = std::move(*names);
    claim.signature = raw.signature;
    return {};
}

base::result<void> set_session_token(claim& claim, std::string_view token, bool is_signed) {
    if (token.size() > max_session_token_bytes) {
        return incomplete_signature("The session token is too long.");
    }
    claim.session_token = token;
    claim.session_token_signed = is_signed;
    return {};
}

base::result<claim> read_header_form(const auth_fields& fields, credential_parts& credential) {
    const auto raw = parse_authorization(fields.authorization->value);
    if (!raw) return raw.error();

    std::string missing;
    const auto require = [&missing](bool there, std::string_view sentence) {
        if (there) return;
        if (!missing.empty()) missing += ' ';
        missing += sentence;
    };
    require(!raw->credential.empty(), "Authorization header requires 'Credential' parameter.");
    require(!raw->signature.empty(), "Authorization header requires 'Signature' parameter.");
    require(!raw->signed_headers.empty(),
            "Authorization header requires 'SignedHeaders' parameter.");
    require(fields.amz_date != nullptr || fields.date != nullptr,
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    if (!missing.empty()) return incomplete_signature(std::move(missing));

    claim claim;
    if (auto done = set_parameters(claim, *raw, credential); !done) return done.error();
    const auto timed = fields.amz_date != nullptr ? set_time(claim, fields.amz_date->value)
                                                  : set_time_of_http(claim, fields.date->value);
    if (!timed) return timed.error();
    if (fields.security_token != nullptr) {
        const bool is_listed = is_signed(claim, fields.security_token->name);
        if (auto done = set_session_token(claim, fields.security_token->value, is_listed); !done) {
            return done.error();
        }
    }
    return claim;
}

base::result<base::seconds> parse_expires(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc() || end != text.data() + text.size() || value == 0 ||
        base::seconds(value) > max_expires) {
        return incomplete_signature("X-Amz-Expires must be a number of seconds from 1 to 604800.");
    }
    return base::seconds(value);
}

base::result<claim> read_presigned_form(const query_parameters& query,
                                        credential_parts& credential) {
    std::string missing;
    const auto require = [&missing](const std::optional<std::string_view>& value,
                                    std::string_view name) {
        if (value && !value->empty()) return;
        if (!missing.empty()) missing += ' ';
        missing.append("AWS query-string parameters must include '").append(name).append("'.");
    };
    require(query.algorithm, "X-Amz-Algorithm");
    require(query.credential, "X-Amz-Credential");
    require(query.signature, "X-Amz-Signature");
    require(query.signed_headers, "X-Amz-SignedHeaders");
    require(query.date, "X-Amz-Date");
    if (!missing.empty()) {
        return incomplete_signature(missing + " Re-examine the query-string parameters.");
    }
    const auto how = algorithm_of(*query.algorithm);
    if (!how) {
        return incomplete_signature("X-Amz-Algorithm must be 'AWS4-HMAC-SHA256'.");
    }

    claim claim;
    claim.how = claim::form::presigned;
    const raw_parameters raw{*how, *query.credential, *query.signed_headers, *query.signature};
    if (auto done = set_parameters(claim, raw, credential); !done) return done.error();
    if (auto done = set_time(claim, *query.date); !done) return done.error();
    // Some SDKs leave it out for STS, which has its own fixed window.
    if (query.expires) {
        const auto expires = parse_expires(*query.expires);
        if (!expires) return expires.error();
        claim.expires = *expires;
    }
    // All parameters but the signature are in the canonical query, so this one is signed.
    if (query.security_token) {
        if (auto done = set_session_token(claim, *query.security_token, true); !done) {
            return done.error();
        }
    }
    return claim;
}

/// "us-*" fits "us-east-1". One star in a row of any length is all there is to these patterns.
bool covers(std::string_view pattern, std::string_view region) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == region;
    const std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
    if (tail.find('*') != std::string_view::npos) return false;
    return region.size() >= head.size() + tail.size() && region.starts_with(head) &&
           region.ends_with(tail);
}

/// SigV4A: the region that this call is for. Our own one when the set has it, else one of those
/// that the rules accept. Nothing when none fits.
std::optional<std::string> choose_region(std::string_view set, const rules& rules) {
    std::vector<std::string_view> entries;
    for (std::string_view rest = set;;) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        entries.push_back(rest.substr(0, end));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    const auto covered = [&](std::string_view region) {
        return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) {
            while (entry.starts_with(' '))
                entry.remove_prefix(1);
            while (entry.ends_with(' '))
                entry.remove_suffix(1);
            return covers(entry, region);
        });
    };
    if (covered(rules.region)) return rules.region;
    for (const std::string& region : rules.regions) {
        if (covered(region)) return region;
    }
    if (!rules.regions.empty()) return std::nullopt;
    for (const std::string_view entry : entries) {
        if (aws::is_region(entry)) return std::string(entry);
    }
    return std::nullopt;
}

base::result<void> set_region_set(claim& claim, std::optional<std::string_view> set,
                                  const rules& rules) {
    if (claim.signed_by != algorithm::ecdsa) return {};
    if (!set || set->empty())
        return incomplete_signature(
            "A request signed by AWS4-ECDSA-P256-SHA256 requires "
            "'X-Amz-Region-Set'.");
    if (set->size() > max_region_set_bytes)
        return incomplete_signature("'X-Amz-Region-Set' is too long.");
    // A set that fits nowhere is no region, and refused with the rest of the scope.
    claim.credential_scope.region = choose_region(*set, rules).value_or(std::string(*set));
    return {};
}

base::result<void> check_scope(const claim& claim, const credential_parts& credential,
                               const rules& rules) {
    const scope& scope = claim.credential_scope;
    std::string wrong;
    const bool region_known = rules.regions.empty()
                                  ? aws::is_region(scope.region)
                                  : std::find(rules.regions.begin(), rules.regions.end(),
                                              scope.region) != rules.regions.end();
    // AWS puts a space behind each of these sentences.
    if (!region_known) {
        wrong +=
            "Credential should be scoped to a valid region, not " + quoted(scope.region) + ". ";
    }
    if (scope.service != rules.service) {
        wrong += "Credential should be scoped to correct service: '" + rules.service + "'. ";
    }
    if (credential.terminator != scope_terminator) {
        wrong += "Credential should be scoped with a valid terminator: 'aws4_request', not " +
                 quoted(credential.terminator) + ". ";
    }
    if (scope.date != std::string_view(claim.timestamp).substr(0, 8)) {
        wrong +=
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: " +
            quoted(scope.date) + " != " + quoted(claim.timestamp.substr(0, 8)) + ", from " +
            quoted(claim.timestamp) + ".";
    }
    if (!wrong.empty()) return does_not_match(std::move(wrong));
    return {};
}

std::string span_text(base::seconds span) {
    if (span.count() % 60 == 0) return std::to_string(span.count() / 60) + " min.";
    return std::to_string(span.count()) + " sec.";
}

base::result<void> check_time(const claim& claim, base::wall_time now, const rules& rules) {
    // Whole seconds, as both the timestamps and the texts have them.
    const base::wall_time second = std::chrono::floor<base::seconds>(now);
    const base::seconds age_limit =
        rules.how_canonical == dialect::s3 ? claim.expires.value_or(rules.clock_skew)
        : rules.fixed_presigned_window
            ? rules.clock_skew
            : std::min(rules.clock_skew, claim.expires.value_or(max_expires));
    if (claim.time < second - age_limit) {
        auto failure =
            does_not_match("Signature expired: " + claim.timestamp + " is now earlier than " +
                           base::iso8601_basic(second - age_limit) + " (" +
                           base::iso8601_basic(second) + " - " + span_text(age_limit) + ")");
        failure.kind = base::error_kind::expired;
        return failure;
    }
    if (claim.time > second + rules.clock_skew) {
        return does_not_match(
            "Signature not yet current: " + claim.timestamp + " is still later than " +
            base::iso8601_basic(second + rules.clock_skew) + " (" + base::iso8601_basic(second) +
            " + " + span_text(rules.clock_skew) + ")");
    }
    return {};
}

std::string body_hash(std::string_view body) {
    return encoding::hex(crypto::as_text(crypto::sha256(body)));
}

bool is_signature(std::string_view text, algorithm how) {
    const bool fits = how == algorithm::hmac
                          ? text.size() == signature_digits
                          : text.size() >= least_ecdsa_digits && text.size() <= most_ecdsa_digits;
    return fits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

base::result<void> check_signed_headers(const http::request& request, const claim& claim,
                                        const auth_fields& fields) {
    if (!is_signed(claim, "host")) {
        return does_not_match(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    }
    for (const http::field* field : fields.amz) {
        if (claim.session_token_may_be_unsigned && field == fields.security_token) continue;
        if (!is_signed(claim, field->name)) {
            return does_not_match(quoted(field->name) +
                                  " must be a 'SignedHeader' in the AWS Authorization.");
        }
    }
    for (const std::string& name : claim.signed_headers) {
        if (request.find(name) == nullptr) return signature_mismatch();
    }
    return {};
}

base::result<void> check_s3(const claim& claim, const auth_fields& fields) {
    if (claim.how == claim::form::header && fields.content_sha256 == nullptr) {
        return invalid_request("Missing required header for this request: x-amz-content-sha256");
    }
    if (claim.how == claim::form::presigned && !claim.expires) {
        return incomplete_signature(
            "AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the "
            "query-string parameters.");
    }
    return {};
}

}  // namespace

base::result<claim> read_claim(const http::request& request, base::wall_time now,
                               const rules& rules) {
    const auto fields = find_fields(request);
    if (!fields) return fields.error();

    const auto target = http::split_target(request.target);
    if (!target) return incomplete_signature("The request target is malformed.");
    const auto query_fields = encoding::parse_form(target->query);
    if (!query_fields) return incomplete_signature("The query string is malformed.");
    const auto query = find_query_parameters(*query_fields);
    if (!query) return query.error();

    const bool by_header = fields->authorization != nullptr;
    if (!by_header && !query->is_presigned()) return missing_authentication();
    const bool mixed =
        by_header ? query->any : fields->amz_date != nullptr || fields->security_token != nullptr;
    if (mixed) {
        return incomplete_signature(
            "A request is authenticated by its headers or by its query string, not by both.");
    }

    credential_parts credential;
    auto claim =
        by_header ? read_header_form(*fields, credential) : read_presigned_form(*query, credential);
    if (!claim) return claim;
    claim->how_canonical = rules.how_canonical;
    claim->session_token_may_be_unsigned = rules.unsigned_session_token;
    std::optional<std::string_view> region_set = query->region_set;
    if (by_header && fields->region_set != nullptr) region_set = fields->region_set->value;
    if (auto done = set_region_set(*claim, region_set, rules); !done) return done.error();
    if (rules.how_canonical == dialect::s3) {
        if (auto done = check_s3(*claim, *fields); !done) return done.error();
    }
    if (auto done = check_scope(*claim, credential, rules); !done) return done.error();
    if (auto done = check_time(*claim, now, rules); !done) return done.error();
    if (auto done = check_signed_headers(request, *claim, *fields); !done) return done.error();
    if (rules.how_canonical != dialect::s3 && query->content_sha256 &&
        *query->content_sha256 != body_hash(request.body)) {
        return does_not_match(
            "The provided 'X-Amz-Content-Sha256' does not match what was computed.");
    }
    if (!is_signature(claim->signature, claim->signed_by)) return signature_mismatch();
    return claim;
}

}  // namespace sigv4
