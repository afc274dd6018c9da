#include <algorithm>
#include <optional>
#include <vector>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "encoding/form.hpp"
#include "encoding/percent.hpp"
#include "http/target.hpp"
#include "sigv4/failure.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {
namespace {

// Dot segments go, runs of slashes collapse, and what is left is encoded once more on top of the
// wire's encoding: all services but S3 sign it so.
void append_uri(std::string_view path, bool normalize, std::string& out) {
    if (!normalize) {
        for (const char c : path) {
            if (c == '/')
                out += c;
            else
                encoding::percent_encode({&c, 1}, out);
        }
        return;
    }
    if (path == "/" || path.empty()) {
        out += '/';
        return;
    }
    std::vector<std::string_view> segments;
    for (std::string_view rest = path; !rest.empty();) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (segment.empty() || segment == ".") continue;
        if (segment != "..") {
            segments.push_back(segment);
        } else if (!segments.empty()) {
            segments.pop_back();
        }
    }
    for (const std::string_view segment : segments) {
        out += '/';
        encoding::percent_encode(segment, out);
    }
    if (segments.empty() || path.back() == '/') out += '/';
}

// S3 has no dot segments: "a//./b" is a key. One encoding, whatever the client left unencoded.
base::result<void> append_key(std::string_view path, std::string& out) {
    if (path.empty()) path = "/";
    for (std::string_view rest = path; !rest.empty();) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const auto segment = encoding::percent_decode(rest.substr(0, end));
        if (!segment) return incomplete_signature("The request target is malformed.");
        encoding::percent_encode(*segment, out);
        if (end < rest.size()) out += '/';
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

base::result<void> append_query(std::string_view query, const claim& claim, token_place token,
                                std::string& out) {
    if (query.empty()) return {};
    // '+' counts as a space, as it does for the reader of the parameters: the signature has to
    // cover what the request means.
    const auto fields = encoding::parse_form(query);
    if (!fields) return incomplete_signature("The query string is malformed.");

    std::vector<std::pair<std::string, std::string>> pairs;
    pairs.reserve(fields->size());
    for (const encoding::form_field& field : *fields) {
        if (claim.how == claim::form::presigned && field.name == "X-Amz-Signature") continue;
        if (token == token_place::outside && field.name == "X-Amz-Security-Token") continue;
        pairs.emplace_back(encoding::percent_encode(field.name),
                           encoding::percent_encode(field.value));
    }
    std::sort(pairs.begin(), pairs.end());
    bool first = true;
    for (const auto& [name, value] : pairs) {
        if (!first) out += '&';
        first = false;
        out.append(name).append(1, '=').append(value);
    }
    return {};
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Trimmed, inner runs of white space as one space. A folded line (RFC 9112, 5.2) is such a run.
void append_value(std::string_view value, std::string& out) {
    const std::size_t start = out.size();
    bool gap = false;
    for (const char c : value) {
        if (is_space(c)) {
            gap = true;
            continue;
        }
        if (gap && out.size() > start) out += ' ';
        gap = false;
        out += c;
    }
}

base::result<void> append_headers(const http::request& request, const claim& claim,
                                  std::string& out) {
    for (const std::string& name : claim.signed_headers) {
        out.append(name).append(1, ':');
        bool found = false;
        for (const http::field& field : request.fields) {
            if (!http::equal_ignoring_case(field.name, name)) continue;
            if (found) out += ',';
            found = true;
            append_value(field.value, out);
        }
        if (!found) return signature_mismatch();
        out += '\n';
    }
    out += '\n';
    bool first = true;
    for (const std::string& name : claim.signed_headers) {
        if (!first) out += ';';
        first = false;
        out += name;
    }
    return {};
}

bool stands_for_unsigned_body(std::string_view stated) {
    constexpr std::string_view words[] = {"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                                          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                                          "STREAMING-UNSIGNED-PAYLOAD-TRAILER"};
    return std::find(std::begin(words), std::end(words), stated) != std::end(words);
}

base::result<void> append_body(const http::request& request, std::string_view query,
                               const claim& claim, std::string& out) {
    std::optional<std::string> stated;
    if (const http::field* header = request.find("x-amz-content-sha256")) {
        stated = header->value;
    } else if (claim.how_canonical == dialect::s3) {
        // Of a presigned request; read_claim lets no other come here without the header.
        stated = "UNSIGNED-PAYLOAD";
        const auto fields = encoding::parse_form(query);
        if (!fields) return incomplete_signature("The query string is malformed.");
        for (const encoding::form_field& field : *fields) {
            if (field.name == "X-Amz-Content-Sha256") stated = field.value;
        }
    }
    if (claim.how_canonical == dialect::s3 && stated && stands_for_unsigned_body(*stated)) {
        out.append(*stated);
        return {};
    }
    const std::string computed = encoding::hex(crypto::as_text(crypto::sha256(request.body)));
    if (stated && *stated != computed) {
        return does_not_match(
            "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    out.append(computed);
    return {};
}

}  // namespace

base::result<std::string> canonical_request(const http::request& request, const claim& claim,
                                            token_place token) {
    const auto target = http::split_target(request.target);
    if (!target) return incomplete_signature("The request target is malformed.");

    std::string out;
    std::size_t size = request.method.size() + 3 * request.target.size() + 128;
    for (const http::field& field : request.fields) {
        size += field.name.size() + field.value.size() + 2;
    }
    out.reserve(size);

    out.append(request.method).append(1, '\n');
    if (claim.how_canonical == dialect::s3) {
        if (auto done = append_key(target->path, out); !done) return done.error();
    } else {
        append_uri(target->path, claim.how_canonical == dialect::standard, out);
    }
    out += '\n';
    if (auto done = append_query(target->query, claim, token, out); !done) return done.error();
    out += '\n';
    if (auto done = append_headers(request, claim, out); !done) return done.error();
    out += '\n';

    if (auto done = append_body(request, target->query, claim, out); !done) return done.error();
    return out;
}

}  // namespace sigv4
