#include "imds/responder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "imds/documents.hpp"

namespace imds {

namespace {

constexpr std::string_view ttl_field = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view token_field = "X-aws-ec2-metadata-token";
constexpr std::string_view forwarded_field = "X-Forwarded-For";

std::string leaf_headers(std::string_view type, base::wall_time modified) {
    return "Content-Type: " + std::string(type) +
           "\r\nAccept-Ranges: none\r\nLast-Modified: " + base::imf_fixdate(modified) + "\r\n";
}

/// A decimal integer from 1 to 21600 and nothing else (no sign, no fraction).
std::optional<base::seconds> parse_ttl(std::string_view text) {
    if (text.empty() || text.size() > 5) return std::nullopt;
    long value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    const base::seconds life(value);
    if (life < shortest_token_life || life > longest_token_life) return std::nullopt;
    return life;
}

bool is_token_path(const http::path_segments& path) {
    return !path.unroutable && path.size == 3 && path.segment[0] == "latest" &&
           path.segment[1] == "api" && path.segment[2] == "token" && !path.trailing_slash;
}

void not_allowed(std::string_view allow, http::response& answer) {
    answer_empty(405, answer);
    answer.reason = "Not Allowed";
    answer.more_headers.assign("Allow: ").append(allow).append("\r\n");
}

void add_remaining_life(base::milliseconds left, http::response& answer) {
    std::array<char, ttl_field.size() + 32> line;
    char* at = std::copy(ttl_field.begin(), ttl_field.end(), line.data());
    *at++ = ':';
    *at++ = ' ';
    at = std::to_chars(at, at + 20, (left.count() + 999) / 1000).ptr;
    *at++ = '\r';
    *at++ = '\n';
    answer.more_headers.append(line.data(), at);
}

outcome put_token(const http::request& request, const request_context& context,
                  http::response& answer) {
    if (request.count(forwarded_field) != 0) {
        answer_empty(403, answer);
        return {outcome::kind::forwarded_refused};
    }
    const http::field* ttl = request.find(ttl_field);
    const auto life = ttl && request.count(ttl_field) == 1 ? parse_ttl(ttl->value) : std::nullopt;
    if (!life) {
        answer_page(400, answer);
        return {};
    }
    answer.headers = "Content-Type: text/plain\r\n";
    answer.server = server_name;
    answer.own_body(context.tokens.issue(*life, context.boot, context.subject, context.random));
    add_remaining_life(*life, answer);
    return {outcome::kind::token_issued};
}

/// The token's expiry, when it is good for this caller.
std::optional<base::boot_time> verify_token(std::string_view text, const request_context& context) {
    remembered_token& known = context.remembered;
    if (known.set && text.size() == known.text.size() &&
        crypto::constant_time_equal(text, std::string_view(known.text.data(), known.text.size()))) {
        if (context.boot >= known.expires) return std::nullopt;
        return known.expires;
    }
    const auto expires = context.tokens.verify(text, context.boot, context.subject);
    if (!expires) return std::nullopt;
    std::memcpy(known.text.data(), text.data(), known.text.size());
    known.expires = *expires;
    known.set = true;
    return *expires;
}

outcome serve_credentials(const request_context& context, const credential_state& state,
                          bool extended, bool wait, http::response& answer) {
    using status = credential_state::status;
    if (context.pretended_expiry && state.credentials) {
        const base::wall_time expiration = context.now + *context.pretended_expiry;
        answer.headers = state.headers;
        answer.own_body(credential_document(
            *state.credentials, std::min(state.last_updated, expiration), expiration,
            extended ? context.served.profile().granted_role->account : std::string(),
            state.access_key_id_alias));
        return {outcome::kind::credentials_served};
    }
    if (state.now == status::valid && context.now < state.expires) {
        answer.headers = state.headers;
        answer.body = extended ? state.extended_document : state.document;
        return {outcome::kind::credentials_served};
    }
    if (state.now == status::denied) {
        answer.headers = state.headers;
        answer.body = state.document;
        return {outcome::kind::role_denied};
    }
    if (state.now == status::pending && wait) return {outcome::kind::pending};
    const auto left = std::chrono::ceil<base::seconds>(state.next_try - context.now);
    answer_unavailable(state.now == status::failed ? left : base::seconds(1), answer);
    return {};
}

outcome serve_instance_credentials(const request_context& context, bool wait,
                                   http::response& answer) {
    outcome done = serve_credentials(context, context.instance_credentials, false, wait, answer);
    if (done.what == outcome::kind::credentials_served)
        done.what = outcome::kind::instance_credentials_served;
    return done;
}

outcome serve_signature(const request_context& context, std::string signed_identity::*part,
                        bool wait, http::response& answer) {
    if (context.identity) {
        answer.body = context.identity->*part;
        return {};
    }
    if (wait) return {outcome::kind::pending};
    answer_unavailable(base::seconds(1), answer);
    return {};
}

/// As hosts before Nitro answered a directory's path without the slash at its end. Below a version
/// only: `/latest` itself was served.
bool wants_slash(const request_context& context) {
    const http::path_segments& path = context.scratch;
    return context.options.redirect_slashless_directories && path.size > 1 && !path.trailing_slash;
}

void redirect_to_slash(const http::request& request, http::response& answer) {
    const auto target = http::split_target(request.target);
    std::string_view host = target->authority;
    if (host.empty()) {
        const http::field* field = request.find("Host");
        host = field && !field->value.empty() ? field->value : "169.254.169.254";
    }
    answer_empty(301, answer);
    answer.more_headers.assign("Location: http://").append(host).append(target->path);
    answer.more_headers.append("/\r\n");
    answer.close = true;
}

outcome get(const http::request& request, const request_context& context, bool wait,
            http::response& answer) {
    const auto found = context.served.tree().find(context.scratch);
    if (!found.at) {
        answer_page(404, answer);
        return {};
    }
    answer.server = server_name;
    answer.headers = context.served.text_headers();
    if (found.is_root) {
        answer.own_body(tree::version_listing());
        return {};
    }
    if (!found.at->is_leaf) {
        if (wants_slash(context)) {
            redirect_to_slash(request, answer);
            return {};
        }
        answer.own_body(tree::listing(*found.at, found.version));
        return {};
    }
    switch (found.at->kind) {
        case leaf_kind::text:
            answer.body = found.at->body;
            break;
        case leaf_kind::octets:
            answer.headers = context.served.octet_headers();
            answer.body = found.at->body;
            break;
        case leaf_kind::iam_info:
            answer.body = context.credentials.info.empty()
                              ? context.served.iam_info()
                              : std::string_view(context.credentials.info);
            break;
        case leaf_kind::instance_info:
            answer.body = context.instance_credentials.info.empty()
                              ? context.served.instance_info()
                              : std::string_view(context.instance_credentials.info);
            break;
        case leaf_kind::credentials:
            return serve_credentials(context, context.credentials, false, wait, answer);
        case leaf_kind::extended_credentials:
            return serve_credentials(context, context.credentials, true, wait, answer);
        case leaf_kind::instance_credentials:
            return serve_instance_credentials(context, wait, answer);
        case leaf_kind::identity_signature:
            return serve_signature(context, &signed_identity::signature, wait, answer);
        case leaf_kind::identity_pkcs7:
            return serve_signature(context, &signed_identity::pkcs7, wait, answer);
        case leaf_kind::identity_rsa2048:
            return serve_signature(context, &signed_identity::rsa2048, wait, answer);
    }
    return {};
}

}  // namespace

metadata::metadata(profile::role_profile profile, base::wall_time since)
    : profile_(std::move(profile)),
      since_(since),
      tree_(profile_),
      text_headers_(leaf_headers("text/plain", since)),
      octet_headers_(leaf_headers("application/octet-stream", since)) {
    if (!profile_.instance_profile_name.empty()) iam_info_ = iam_info_document(profile_, since);
    if (profile_.instance_credentials) instance_info_ = instance_info_document(profile_, since);
}

credential_state::~credential_state() {
    base::wipe(document.data(), document.size());
    base::wipe(extended_document.data(), extended_document.size());
}

namespace {

credential_state valid(std::shared_ptr<const aws::credentials> credentials,
                       base::wall_time last_updated, std::uint64_t serial, bool alias) {
    credential_state state;
    state.now = credential_state::status::valid;
    state.document =
        credential_document(*credentials, last_updated, credentials->expiration, {}, alias);
    state.last_updated = last_updated;
    state.headers = leaf_headers("text/plain", last_updated);
    state.access_key_id = credentials->access_key_id;
    state.expires = credentials->expiration;
    state.credentials = std::move(credentials);
    state.access_key_id_alias = alias;
    state.serial = serial;
    return state;
}

}  // namespace

credential_state valid_state(const profile::role_profile& profile,
                             std::shared_ptr<const aws::credentials> credentials,
                             base::wall_time last_updated, std::uint64_t serial, bool alias) {
    credential_state state = valid(std::move(credentials), last_updated, serial, alias);
    if (profile.metadata.extended_credentials && profile.granted_role) {
        state.extended_document = credential_document(
            *state.credentials, last_updated, state.expires, profile.granted_role->account, alias);
    }
    state.info = iam_info_document(profile, last_updated);
    return state;
}

credential_state valid_instance_state(const profile::role_profile& profile,
                                      std::shared_ptr<const aws::credentials> credentials,
                                      base::wall_time last_updated, std::uint64_t serial,
                                      bool alias) {
    credential_state state = valid(std::move(credentials), last_updated, serial, alias);
    state.info = instance_info_document(profile, last_updated);
    return state;
}

credential_state denied_state(std::string_view message, base::wall_time at,
                              base::wall_time next_try) {
    credential_state state;
    state.now = credential_state::status::denied;
    state.document = unauthorized_document(message, at);
    state.headers = leaf_headers("text/plain", at);
    state.next_try = next_try;
    return state;
}

outcome respond(const http::request& request, const request_context& context, bool wait,
                http::response& answer) {
    const profile::metadata_options& options = context.served.profile().metadata;
    if (!options.http_endpoint_enabled ||
        (context.over_ipv6 && !options.http_protocol_ipv6_enabled)) {
        answer_empty(403, answer);
        return {};
    }
    const auto target = http::split_target(request.target);
    if (!target) {
        answer_page(400, answer);
        return {};
    }
    http::path_segments& path = context.scratch;
    http::split_path(target->path, path);

    if (is_token_path(path)) {
        if (request.method == "PUT") return put_token(request, context, answer);
        if (request.method == "OPTIONS") {
            answer_empty(200, answer);
            answer.more_headers = "Allow: OPTIONS, PUT\r\n";
            return {};
        }
        not_allowed("OPTIONS, PUT", answer);
        return {};
    }
    if (request.method == "PUT") {
        answer_empty(403, answer);
        return {};
    }
    if (request.method != "GET" && request.method != "HEAD") {
        not_allowed("GET, HEAD, OPTIONS", answer);
        return {};
    }
    if (context.options.refuse_forwarded_get && request.count(forwarded_field) != 0) {
        answer_empty(403, answer);
        return {outcome::kind::forwarded_refused};
    }

    const std::size_t tokens = request.count(token_field);
    if (tokens > 1) {
        answer_page(400, answer);
        return {};
    }
    if (tokens == 0) {
        if (options.http_tokens_required) {
            answer_page(401, answer);
            return {outcome::kind::v1_refused};
        }
        outcome done = get(request, context, wait, answer);
        done.v1 = true;
        return done;
    }
    const auto expires = verify_token(request.find(token_field)->value, context);
    if (!expires) {
        answer_page(401, answer);
        return {outcome::kind::bad_token};
    }
    const outcome done = get(request, context, wait, answer);
    if (done.what != outcome::kind::pending) {
        add_remaining_life(*expires - context.boot, answer);
    }
    return done;
}

}  // namespace imds
