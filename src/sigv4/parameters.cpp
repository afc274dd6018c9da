#include "sigv4/parameters.hpp"

#include <algorithm>
#include <array>

#include "http/request.hpp"
#include "sigv4/failure.hpp"
#include "sigv4/limits.hpp"

namespace sigv4 {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// tchar of RFC 9110, 5.6.2, without upper case.
bool is_lower_token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_graphic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::string_view name_of(algorithm how) {
    return how == algorithm::hmac ? algorithm_name : asymmetric_algorithm_name;
}

std::optional<algorithm> algorithm_of(std::string_view name) {
    for (const algorithm how : {algorithm::hmac, algorithm::ecdsa}) {
        if (name == name_of(how)) return how;
    }
    return std::nullopt;
}

base::result<raw_parameters> parse_authorization(std::string_view value) {
    if (value.size() > max_authorization_bytes) {
        return incomplete_signature("Authorization header is too long.");
    }
    const std::size_t space = std::min(value.find_first_of(" \t"), value.size());
    const auto how = algorithm_of(value.substr(0, space));
    if (!how) {
        return incomplete_signature(
            "Authorization header requires the algorithm 'AWS4-HMAC-SHA256'.");
    }

    raw_parameters out;
    out.how = *how;
    std::string_view rest = trimmed(value.substr(space));
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view pair = trimmed(rest.substr(0, comma));
        const bool last = comma == rest.size();
        rest.remove_prefix(last ? comma : comma + 1);

        const std::size_t equals = pair.find('=');
        // The part itself is not named: it may be a piece of the signature.
        if (equals == std::string_view::npos || (!last && rest.empty())) {
            return incomplete_signature(
                "A part is not a valid key=value pair (missing equal-sign) in Authorization "
                "header.");
        }
        const std::string_view key = pair.substr(0, equals);
        std::string_view* target = key == "Credential"      ? &out.credential
                                   : key == "SignedHeaders" ? &out.signed_headers
                                   : key == "Signature"     ? &out.signature
                                                            : nullptr;
        if (target == nullptr) {
            return incomplete_signature("Authorization header has an unknown parameter.");
        }
        if (target->data() != nullptr) {
            return incomplete_signature("Authorization header repeats the parameter '" +
                                        std::string(key) + "'.");
        }
        *target = pair.substr(equals + 1);
    }
    return out;
}

base::result<credential_parts> parse_credential(std::string_view text, algorithm how) {
    std::array<std::string_view, 5> parts;
    const std::size_t wanted = how == algorithm::hmac ? parts.size() : parts.size() - 1;
    std::size_t count = 0;
    bool fits = true;
    for (std::string_view rest = text; fits; ++count) {
        const std::size_t slash = rest.find('/');
        if (count == wanted) {
            fits = false;
            break;
        }
        parts[count] = rest.substr(0, slash);
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (!fits || count + 1 != wanted) {
        return incomplete_signature(
            how == algorithm::hmac
                ? "Credential must have exactly 5 slash-delimited elements, e.g. "
                  "keyid/date/region/service/term."
                : "Credential must have exactly 4 slash-delimited elements, e.g. "
                  "keyid/date/service/term.");
    }
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t limit = i == 0 ? max_access_key_id_bytes : max_scope_part_bytes;
        // As at AWS, a key id with blanks behind it is of the right form: nobody has it.
        std::string_view part = parts[i];
        while (i == 0 && part.ends_with(' '))
            part.remove_suffix(1);
        if (part.empty() || parts[i].size() > limit || !is_graphic(part)) {
            return incomplete_signature("Credential has an element that is empty or malformed.");
        }
    }
    if (how == algorithm::ecdsa)
        return credential_parts{parts[0], parts[1], {}, parts[2], parts[3]};
    return credential_parts{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

base::result<std::vector<std::string>> parse_signed_headers(std::string_view text) {
    std::vector<std::string> names;
    const auto count = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ';'));
    if (count > max_signed_headers) {
        return incomplete_signature("Too many names in 'SignedHeaders'.");
    }
    names.reserve(count);
    for (std::string_view rest = text;;) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        std::string name(rest.substr(0, end));
        for (char& c : name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        }
        if (name.empty() || name.size() > max_signed_header_name_bytes ||
            !std::all_of(name.begin(), name.end(), is_lower_token_character)) {
            return incomplete_signature("'SignedHeaders' holds something that is no header name.");
        }
        names.push_back(std::move(name));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    if (!std::is_sorted(names.begin(), names.end())) std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
        return incomplete_signature("'SignedHeaders' holds a name twice.");
    }
    return names;
}

base::result<query_parameters> find_query_parameters(
    const std::vector<encoding::form_field>& fields) {
    query_parameters out;
    const std::pair<std::string_view, std::optional<std::string_view>*> known[] = {
        {"X-Amz-Algorithm", &out.algorithm},
        {"X-Amz-Credential", &out.credential},
        {"X-Amz-Date", &out.date},
        {"X-Amz-Expires", &out.expires},
        {"X-Amz-SignedHeaders", &out.signed_headers},
        {"X-Amz-Security-Token", &out.security_token},
        {"X-Amz-Signature", &out.signature},
        {"X-Amz-Content-Sha256", &out.content_sha256},
        {"X-Amz-Region-Set", &out.region_set}};
    std::array<bool, std::size(known)> seen{};
    std::string_view misspelled;
    for (const encoding::form_field& field : fields) {
        for (std::size_t i = 0; i < std::size(known); ++i) {
            if (!http::equal_ignoring_case(field.name, known[i].first)) continue;
            // Which one would count is a guess, and a guess is a way around the signature.
            if (seen[i]) {
                return incomplete_signature("AWS query-string parameter '" +
                                            std::string(known[i].first) + "' is repeated.");
            }
            seen[i] = true;
            out.any = true;
            if (field.name == known[i].first) {
                *known[i].second = field.value;
            } else {
                misspelled = known[i].first;
            }
        }
    }
    // Left alone, "x-amz-expires" would limit nothing.
    if (!misspelled.empty()) {
        return incomplete_signature("AWS query-string parameter '" + std::string(misspelled) +
                                    "' must be spelled so.");
    }
    return out;
}

}  // namespace sigv4
