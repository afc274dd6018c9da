#include "iam/trust_binding.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "aws/arn.hpp"
#include "encoding/json.hpp"
#include "encoding/json_positions.hpp"
#include "policy/document.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

namespace json = boost::json;
using policy::principal_element;
using type = principal_element::type;

/// Unique ids that stand in the trust policy, or behind its names.
std::vector<std::string> ids_of(const role& one) {
    std::vector<std::string> out;
    for (const auto& [arn, id] : one.trusted_ids)
        out.push_back(id);
    const auto document = policy::document::parse(one.trust_policy, policy::document_kind::trust);
    if (!document) return out;
    for (const policy::statement& statement : document->statements()) {
        for (const principal_element& element : statement.principals) {
            if (element.kind() == type::unique_id) out.push_back(element.value());
        }
    }
    return out;
}

/// As it was written, for an error's text.
std::string written(const principal_element& element) {
    if (element.kind() != type::account || element.partition().empty()) return element.text();
    return "\"AWS\":\"" + aws::root_arn(element.partition(), element.account()) + "\"";
}

bool exists(const principal_element& element, const directory& among, const role* before) {
    switch (element.kind()) {
        case type::account:
            return among.has_account(element.account()) &&
                   (element.partition().empty() || element.partition() == among.partition());
        case type::user:
        case type::role:
            return !among.id_of_arn(element.value()).empty();
        case type::session:
            return among.has_account(element.account());
        case type::unique_id: {
            if (!among.arn_of_id(element.value()).empty()) return true;
            if (before == nullptr) return false;
            const std::vector<std::string> ids = ids_of(*before);
            return std::find(ids.begin(), ids.end(), element.value()) != ids.end();
        }
        case type::everyone:
        case type::anyone:
        case type::federated:
        case type::service:
        case type::canonical_user:
            return true;
    }
    return false;
}

/// A value that stands under "AWS" in a Principal element, and the way to it.
using principal_text = std::function<void(const std::vector<std::string>& path, std::string_view)>;

void for_each_of(const json::value& texts, std::vector<std::string> path,
                 const principal_text& call) {
    if (const json::string* one = texts.if_string()) {
        call(path, {one->data(), one->size()});
        return;
    }
    const json::array* list = texts.if_array();
    if (list == nullptr) return;
    path.emplace_back();
    for (std::size_t i = 0; i < list->size(); ++i) {
        path.back() = std::to_string(i);
        for_each_of((*list)[i], path, call);
    }
}

void for_each_principal(const json::value& statement, std::vector<std::string> path,
                        const principal_text& call) {
    const json::object* members = statement.if_object();
    const json::value* principal = members == nullptr ? nullptr : members->if_contains("Principal");
    const json::object* kinds = principal == nullptr ? nullptr : principal->if_object();
    const json::value* named = kinds == nullptr ? nullptr : kinds->if_contains("AWS");
    if (named == nullptr) return;
    path.insert(path.end(), {"Principal", "AWS"});
    for_each_of(*named, std::move(path), call);
}

void for_each_principal_text(std::string_view document, const principal_text& call) {
    const auto parsed = encoding::parse_json(document, {32, policy::policy_document_bytes});
    if (!parsed || !parsed->is_object()) return;
    const json::value* statements = parsed->get_object().if_contains("Statement");
    if (statements == nullptr) return;
    const json::array* list = statements->if_array();
    if (list == nullptr) return for_each_principal(*statements, {"Statement"}, call);
    for (std::size_t i = 0; i < list->size(); ++i)
        for_each_principal((*list)[i], {"Statement", std::to_string(i)}, call);
}

/// Behind the closing quote of the string that starts at `offset` of a JSON text.
std::size_t end_of_string(std::string_view text, std::size_t offset) {
    for (++offset; offset < text.size() && text[offset] != '"'; ++offset) {
        if (text[offset] == '\\') ++offset;
    }
    return std::min(offset + 1, text.size());
}

}  // namespace

trust_binding trusted_ids_of(std::string_view trust_policy, const directory& among) {
    trust_binding out;
    auto document = policy::document::parse(trust_policy, policy::document_kind::trust);
    if (!document) return out;
    out.unknown = document->bind([&](std::string_view arn) -> std::optional<std::string> {
        std::string id = among.id_of_arn(arn);
        if (id.empty()) return std::nullopt;
        const auto same = [&](const auto& known) { return known.first == arn; };
        if (std::none_of(out.known.begin(), out.known.end(), same))
            out.known.emplace_back(std::string(arn), id);
        return id;
    });
    return out;
}

base::result<bound_principals> bind_trust_policy(std::string_view text, const directory& among,
                                                 const role* before) {
    const auto document = policy::document::parse(text, policy::document_kind::trust);
    if (!document) return document.error();
    for (const policy::statement& statement : document->statements()) {
        for (const principal_element& element : statement.principals) {
            if (!exists(element, among, before))
                return sts::wire_error("MalformedPolicyDocument",
                                       "Invalid principal in policy: " + written(element));
        }
    }
    return trusted_ids_of(text, among).known;
}

std::string shown_trust_policy(const role& one, const directory& among) {
    std::map<std::string, std::string, std::less<>> gone;
    for (const auto& [arn, id] : one.trusted_ids) {
        if (among.id_of_arn(arn) != id) gone.emplace(arn, id);
    }
    std::string out = one.trust_policy;
    if (gone.empty()) return out;
    std::map<std::size_t, std::string> ids;  // by the offsets of the texts that they replace
    for_each_principal_text(out, [&](const std::vector<std::string>& path, std::string_view value) {
        const auto found = gone.find(value);
        if (found == gone.end()) return;
        if (const auto offset = encoding::locate_json(out, path))
            ids.emplace(*offset, found->second);
    });
    // From the end: what comes before keeps its place.
    for (auto at = ids.rbegin(); at != ids.rend(); ++at)
        out.replace(at->first, end_of_string(out, at->first) - at->first,
                    encoding::json_quoted(at->second));
    return out;
}

}  // namespace iam
