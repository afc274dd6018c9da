// The C interface: arguments in, objects out, and nothing thrown.
#include <algorithm>
#include <cstring>
#include <imdsd/verifier.h>
#include <memory>
#include <new>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "sigv4/limits.hpp"
#include "verifier/answer.hpp"
#include "verifier/check.hpp"
#include "verifier/objects.hpp"
#include "verifier/verify_call.hpp"

namespace verifier {
namespace {

template <std::size_t Size>
void put(std::string_view text, char (&out)[Size]) noexcept {
    const std::size_t size = std::min(text.size(), Size - 1);
    std::memcpy(out, text.data(), size);
    out[size] = '\0';
}

imdsd_status tell(const failure& failed, imdsd_error* error) noexcept {
    if (error != nullptr) {
        put(failed.code, error->code);
        put(failed.message, error->message);
    }
    return failed.status;
}

/// Runs `body`, which answers a failure or nothing.
template <class Body>
imdsd_status guarded(imdsd_error* error, Body body) noexcept {
    if (error != nullptr) *error = {};
    try {
        const std::optional<failure> failed = body();
        return failed ? tell(*failed, error) : IMDSD_OK;
    } catch (const std::bad_alloc&) {
        if (error != nullptr) put("out of memory", error->message);
        return IMDSD_OUT_OF_MEMORY;
    } catch (...) {
        if (error != nullptr) put("a fault of this library", error->message);
        return IMDSD_INTERNAL;
    }
}

failure bad_argument(std::string message) {
    return {IMDSD_BAD_ARGUMENT, "", std::move(message)};
}

bool is_time(std::int64_t now) {
    return now >= 0 && now <= latest_time;
}

bool is_text(imdsd_text text) {
    return text.data != nullptr || text.size == 0;
}

std::string_view view(imdsd_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

imdsd_text text(std::string_view from) {
    return {from.empty() ? "" : from.data(), from.size()};
}

/// The core's form of a request; it lives as long as this.
struct borrowed_request {
    std::vector<http::field> fields;
    http::request request;

    std::optional<failure> take(const imdsd_request& from) {
        if (from.header_count > most_headers) return bad_argument("too many headers");
        if (!is_text(from.method) || !is_text(from.target) || !is_text(from.body) ||
            (from.headers == nullptr && from.header_count != 0))
            return bad_argument("a part of the request is null");
        fields.reserve(from.header_count);
        for (std::size_t i = 0; i < from.header_count; ++i) {
            const imdsd_header& header = from.headers[i];
            if (!is_text(header.name) || !is_text(header.value))
                return bad_argument("a header is null");
            fields.push_back({view(header.name), view(header.value)});
        }
        request.method = view(from.method);
        request.target = view(from.target);
        request.fields = fields;
        request.body = view(from.body);
        return std::nullopt;
    }
};

bool is_service(std::string_view text) {
    return !text.empty() && text.size() <= sigv4::max_scope_part_bytes &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_day(std::string_view text) {
    return text.size() == 8 && base::parse_iso8601_basic(std::string(text) + "T000000Z");
}

std::optional<failure> set_rules(const imdsd_verifier_options& from, sigv4::rules& rules) {
    if (from.service == nullptr || !is_service(from.service))
        return bad_argument("service must be 1 to 64 of a-z, 0-9 and '-'");
    if (from.region != nullptr && !aws::is_region(from.region))
        return bad_argument("region is not one, such as us-east-1");
    if (from.clock_skew_seconds < 0 || from.clock_skew_seconds > longest_clock_skew)
        return bad_argument("clock_skew_seconds must be 1 to 900, or 0 for 900");
    rules.service = from.service;
    if (from.region != nullptr) {
        rules.regions = {from.region};
        rules.region = from.region;
    }
    rules.clock_skew =
        base::seconds(from.clock_skew_seconds == 0 ? longest_clock_skew : from.clock_skew_seconds);
    switch (from.dialect) {
        case IMDSD_DIALECT_STANDARD:
            return std::nullopt;
        case IMDSD_DIALECT_UNNORMALIZED:
            rules.how_canonical = sigv4::dialect::unnormalized;
            return std::nullopt;
        case IMDSD_DIALECT_S3:
            rules.how_canonical = sigv4::dialect::s3;
            return std::nullopt;
    }
    return bad_argument("dialect is not one");
}

std::optional<failure> set_key(const imdsd_scoped_key& from, imdsd_grant& out) {
    if (from.key == nullptr || from.access_key_id == nullptr || from.date == nullptr ||
        from.region == nullptr || from.service == nullptr)
        return bad_argument("key, access key id, date, region and service are required");
    if (!is_day(from.date) || !aws::is_region(from.region) || !is_service(from.service))
        return bad_argument("date, region or service is not one");
    if (!is_time(from.good_until)) return bad_argument("good_until is no time");
    std::copy_n(from.key, out.key.size(), out.key.begin());
    out.access_key_id = from.access_key_id;
    if (from.session_token != nullptr) out.session_token = crypto::sha256(from.session_token);
    out.scope = {from.date, from.region, from.service};
    out.good_until = from.good_until;
    return std::nullopt;
}

/// Makes an object by `fill`, and gives it away when that went well.
template <class Object, class Fill>
std::optional<failure> make(Object** out, Fill fill) {
    auto made = std::make_unique<Object>();
    if (auto failed = fill(*made)) return failed;
    *out = made.release();
    return std::nullopt;
}

constexpr const char* null_argument = "an argument is null";

}  // namespace
}  // namespace verifier

using namespace verifier;

extern "C" {

imdsd_status imdsd_verifier_new(const imdsd_verifier_options* options, imdsd_verifier** out,
                                imdsd_error* error) {
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&]() -> std::optional<failure> {
        if (options == nullptr || out == nullptr) return bad_argument(null_argument);
        if (options->struct_size != sizeof *options)
            return bad_argument("struct_size is of another version");
        return make(out, [&](imdsd_verifier& made) { return set_rules(*options, made.rules); });
    });
}

void imdsd_verifier_free(imdsd_verifier* verifier) {
    delete verifier;
}

imdsd_status imdsd_claim_read(const imdsd_verifier* verifier, const imdsd_request* request,
                              int64_t now, imdsd_claim** out, imdsd_error* error) {
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&]() -> std::optional<failure> {
        if (verifier == nullptr || request == nullptr || out == nullptr)
            return bad_argument(null_argument);
        if (!is_time(now)) return bad_argument("now is no time");
        borrowed_request taken;
        if (auto failed = taken.take(*request)) return failed;
        sigv4::claim claim;
        if (auto failed = read(*verifier, taken.request, at(now), claim)) return failed;
        return make(out, [&](imdsd_claim& made) {
            made = {std::move(claim.access_key_id), std::move(claim.session_token),
                    std::move(claim.credential_scope)};
            return std::optional<failure>();
        });
    });
}

void imdsd_claim_free(imdsd_claim* claim) {
    delete claim;
}
imdsd_text imdsd_claim_access_key_id(const imdsd_claim* claim) {
    return claim == nullptr ? text("") : text(claim->access_key_id);
}
imdsd_text imdsd_claim_session_token(const imdsd_claim* claim) {
    return claim == nullptr || !claim->session_token ? text("") : text(*claim->session_token);
}
imdsd_text imdsd_claim_date(const imdsd_claim* claim) {
    return claim == nullptr ? text("") : text(claim->scope.date);
}
imdsd_text imdsd_claim_region(const imdsd_claim* claim) {
    return claim == nullptr ? text("") : text(claim->scope.region);
}
imdsd_text imdsd_claim_service(const imdsd_claim* claim) {
    return claim == nullptr ? text("") : text(claim->scope.service);
}

imdsd_status imdsd_call_new(const imdsd_claim* claim, const imdsd_call_options* options,
                            int64_t now, imdsd_call** out, imdsd_error* error) {
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&]() -> std::optional<failure> {
        if (claim == nullptr || options == nullptr || out == nullptr)
            return bad_argument(null_argument);
        if (options->struct_size != sizeof *options)
            return bad_argument("struct_size is of another version");
        if (!is_time(now)) return bad_argument("now is no time");
        return make(out, [&](imdsd_call& made) { return make_call(*claim, *options, now, made); });
    });
}

void imdsd_call_free(imdsd_call* call) {
    delete call;
}
const imdsd_header* imdsd_call_header(const imdsd_call* call, size_t index) {
    return call == nullptr || index >= call->headers.size() ? nullptr : &call->headers[index];
}
size_t imdsd_call_header_count(const imdsd_call* call) {
    return call == nullptr ? 0 : call->headers.size();
}
imdsd_text imdsd_call_body(const imdsd_call* call) {
    return call == nullptr ? text("") : text(call->body);
}

imdsd_status imdsd_grant_read(const imdsd_claim* claim, int http_status, imdsd_text body,
                              int64_t now, imdsd_grant** out, imdsd_error* error) {
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&]() -> std::optional<failure> {
        if (claim == nullptr || out == nullptr || !is_text(body))
            return bad_argument(null_argument);
        if (!is_time(now)) return bad_argument("now is no time");
        return make(out, [&](imdsd_grant& made) {
            return read_answer(*claim, http_status, view(body), now, made);
        });
    });
}

imdsd_status imdsd_grant_from_key(const imdsd_scoped_key* key, imdsd_grant** out,
                                  imdsd_error* error) {
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&]() -> std::optional<failure> {
        if (key == nullptr || out == nullptr) return bad_argument(null_argument);
        if (key->struct_size != sizeof *key)
            return bad_argument("struct_size is of another version");
        return make(out, [&](imdsd_grant& made) { return set_key(*key, made); });
    });
}

void imdsd_grant_free(imdsd_grant* grant) {
    delete grant;
}

imdsd_text imdsd_grant_arn(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->arn);
}
imdsd_text imdsd_grant_account(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->account);
}
imdsd_text imdsd_grant_user_id(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->user_id);
}
imdsd_text imdsd_grant_access_key_id(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->access_key_id);
}
imdsd_text imdsd_grant_principal_type(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->principal_type);
}
imdsd_text imdsd_grant_role_arn(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->role_arn);
}
imdsd_text imdsd_grant_session_name(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->session_name);
}
imdsd_text imdsd_grant_source_identity(const imdsd_grant* grant) {
    return grant == nullptr ? text("") : text(grant->source_identity);
}
size_t imdsd_grant_tag_count(const imdsd_grant* grant) {
    return grant == nullptr ? 0 : grant->tags.size();
}
imdsd_text imdsd_grant_tag_key(const imdsd_grant* grant, size_t index) {
    return index >= imdsd_grant_tag_count(grant) ? text("") : text(grant->tags[index].first);
}
imdsd_text imdsd_grant_tag_value(const imdsd_grant* grant, size_t index) {
    return index >= imdsd_grant_tag_count(grant) ? text("") : text(grant->tags[index].second);
}
int64_t imdsd_grant_expiration(const imdsd_grant* grant) {
    return grant == nullptr ? 0 : grant->expiration;
}
int64_t imdsd_grant_good_until(const imdsd_grant* grant) {
    return grant == nullptr ? 0 : grant->good_until;
}
imdsd_decision imdsd_grant_decision(const imdsd_grant* grant) {
    return grant == nullptr ? IMDSD_DECISION_NONE : grant->decision;
}

imdsd_status imdsd_verifier_check(const imdsd_verifier* verifier, const imdsd_request* request,
                                  const imdsd_grant* grant, int64_t now, imdsd_error* error) {
    return guarded(error, [&]() -> std::optional<failure> {
        if (verifier == nullptr || request == nullptr || grant == nullptr)
            return bad_argument(null_argument);
        if (!is_time(now)) return bad_argument("now is no time");
        borrowed_request taken;
        if (auto failed = taken.take(*request)) return failed;
        return check(*verifier, taken.request, *grant, at(now));
    });
}

const char* imdsd_status_text(imdsd_status status) {
    switch (status) {
        case IMDSD_OK:
            return "ok";
        case IMDSD_NOT_SIGNED:
            return "not signed";
        case IMDSD_MALFORMED:
            return "signature malformed";
        case IMDSD_MISMATCH:
            return "signature mismatch";
        case IMDSD_EXPIRED:
            return "expired";
        case IMDSD_OTHER_CALLER:
            return "grant of another caller or scope";
        case IMDSD_STALE:
            return "grant too old";
        case IMDSD_UNKNOWN_CALLER:
            return "unknown caller";
        case IMDSD_REFUSED:
            return "refused by the issuer";
        case IMDSD_UNAVAILABLE:
            return "issuer unavailable";
        case IMDSD_BAD_ARGUMENT:
            return "bad argument";
        case IMDSD_OUT_OF_MEMORY:
            return "out of memory";
        case IMDSD_INTERNAL:
            return "internal fault";
    }
    return "unknown status";
}

}  // extern "C"
