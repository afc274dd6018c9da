#include "profile/role_profile.hpp"

namespace profile {

namespace {

// AssumeRole, RoleSessionName: 2 to 64 of [\w+=,.@-].
constexpr std::size_t shortest = 2;
constexpr std::size_t longest = 64;

struct placeholder {
    std::string_view name;
    std::string (*value)(const role_profile&);
};

constexpr placeholder placeholders[] = {
    {"instance-id", [](const role_profile& p) { return p.instance.instance_id; }},
    {"hostname", [](const role_profile& p) { return p.instance.hostname; }},
    {"profile", [](const role_profile& p) { return p.name; }},
};

const placeholder* find(std::string_view name) {
    for (const auto& known : placeholders)
        if (known.name == name) return &known;
    return nullptr;
}

bool allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> unknown_placeholder(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '}') return "}";
        if (text[at] != '{') continue;
        const auto end = text.find('}', at);
        if (end == std::string_view::npos) return std::string(text.substr(at));
        if (!find(text.substr(at + 1, end - at - 1)))
            return std::string(text.substr(at, end - at + 1));
        at = end;
    }
    return std::nullopt;
}

std::string session_name(const role_profile& profile) {
    std::string_view text = profile.issue.session_name;
    if (text.empty()) text = default_session_name;
    std::string name;
    while (!text.empty()) {
        const auto end = text[0] == '{' ? text.find('}') : std::string_view::npos;
        const auto* known = end == std::string_view::npos ? nullptr : find(text.substr(1, end - 1));
        if (known) {
            name += known->value(profile);
            text.remove_prefix(end + 1);
        } else {
            name += text[0];
            text.remove_prefix(1);
        }
    }
    for (char& c : name)
        if (!allowed(c)) c = '-';
    if (name.size() > longest) name.resize(longest);
    while (name.size() < shortest)
        name += '-';
    return name;
}

std::string issue_fingerprint(const role_profile& profile) {
    if (!profile.granted_role) return {};
    std::string text;
    // Every value is preceded by its length: no two lists of values give the same text.
    const auto add = [&text](std::string_view value) {
        text += std::to_string(value.size());
        text += ':';
        text += value;
    };
    const auto add_optional = [&](const std::optional<std::string>& value) {
        text += value ? '+' : '-';
        if (value) add(*value);
    };
    const issue_options& issue = profile.issue;
    add(profile.granted_role->arn);
    add(issue.source);
    add(std::to_string(issue.duration.count()));
    add(session_name(profile));
    add_optional(issue.session_policy);
    add(std::to_string(issue.tags.size()));
    for (const auto& [key, value] : issue.tags) {
        add(key);
        add(value);
    }
    add(std::to_string(issue.transitive_tag_keys.size()));
    for (const auto& key : issue.transitive_tag_keys)
        add(key);
    add_optional(issue.source_identity);
    add_optional(issue.external_id);
    return text;
}

}  // namespace profile
