#include "pod_identity/service_account.hpp"

#include <optional>

namespace pod_identity {

namespace json = boost::json;

namespace {

constexpr std::string_view subject_prefix = "system:serviceaccount:";
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_uid = 64;

bool is_inner(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view text) {
    if (text.empty() || text.size() > longest_label) return false;
    if (!is_inner(text.front()) || !is_inner(text.back())) return false;
    for (const char c : text) {
        if (!is_inner(c) && c != '-') return false;
    }
    return true;
}

bool is_uid(std::string_view text) {
    if (text.size() > longest_uid) return false;
    for (const char c : text) {
        if (!is_inner(c) && c != '-' && !(c >= 'A' && c <= 'Z')) return false;
    }
    return true;
}

std::optional<std::string> text_of(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    if (!value || !value->is_string()) return std::nullopt;
    return std::string(value->as_string());
}

const json::object* object_of(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value && value->is_object() ? &value->as_object() : nullptr;
}

base::result<service_account> from_claim(const json::object& claim) {
    service_account found;
    const json::object* account = object_of(claim, "serviceaccount");
    found.kubernetes_namespace = text_of(claim, "namespace").value_or("");
    if (account) found.name = text_of(*account, "name").value_or("");
    if (found.kubernetes_namespace.empty() || found.name.empty())
        return base::denied("the claim kubernetes.io names no service account");
    if (const json::object* pod = object_of(claim, "pod")) {
        found.pod = text_of(*pod, "name").value_or("");
        found.pod_uid = text_of(*pod, "uid").value_or("");
        if (!found.pod.empty() && !is_service_account_name(found.pod))
            return base::denied("the claim kubernetes.io names a pod by no pod's name");
        if (!is_uid(found.pod_uid)) return base::denied("the claim kubernetes.io has no pod's uid");
    }
    return found;
}

base::result<service_account> from_subject(std::string_view subject) {
    if (!subject.starts_with(subject_prefix))
        return base::denied("the subject is no service account");
    subject.remove_prefix(subject_prefix.size());
    const auto colon = subject.find(':');
    if (colon == subject.npos) return base::denied("the subject is no service account");
    service_account found;
    found.kubernetes_namespace = subject.substr(0, colon);
    found.name = subject.substr(colon + 1);
    return found;
}

}  // namespace

bool is_namespace(std::string_view text) {
    return is_label(text);
}

bool is_service_account_name(std::string_view text) {
    if (text.size() > longest_name) return false;
    for (;;) {
        const auto dot = text.find('.');
        // A label inside a name may be as long as the name.
        const std::string_view label = text.substr(0, dot);
        if (label.empty() || !is_inner(label.front()) || !is_inner(label.back())) return false;
        for (const char c : label) {
            if (!is_inner(c) && c != '-') return false;
        }
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

base::result<service_account> read_service_account(const jose::claims& claimed) {
    const json::value* claim = claimed.all.if_contains("kubernetes.io");
    if (claim && !claim->is_object()) return base::denied("the claim kubernetes.io is no object");
    if (!claim && !claimed.subject) return base::denied("the token has no subject");
    auto found = claim ? from_claim(claim->as_object()) : from_subject(*claimed.subject);
    if (!found) return found;
    if (!is_namespace(found->kubernetes_namespace) || !is_service_account_name(found->name))
        return base::denied("the token names a service account by no such name");
    if (claim && claimed.subject) {
        const auto other = from_subject(*claimed.subject);
        if (!other || other->kubernetes_namespace != found->kubernetes_namespace ||
            other->name != found->name) {
            return base::denied("the subject and the claim kubernetes.io disagree");
        }
    }
    return found;
}

}  // namespace pod_identity
