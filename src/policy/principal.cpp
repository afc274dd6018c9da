#include "policy/principal.hpp"

#include <algorithm>

#include "aws/arn.hpp"

namespace policy {

namespace {

bool is_unique_id(std::string_view text) {
    const bool prefixed = text.starts_with("AIDA") || text.starts_with("AROA");
    return prefixed && text.size() >= 16 && text.size() <= 128 &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

bool is_dns_name(std::string_view text) {
    return !text.empty() && text.find('.') != std::string_view::npos && text.front() != '.' &&
           text.back() != '.' && text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
           });
}

bool is_builtin_provider(std::string_view text) {
    constexpr std::string_view names[] = {"accounts.google.com", "www.amazon.com",
                                          "graph.facebook.com", "cognito-identity.amazonaws.com"};
    return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

/// 64 hexadecimal digits, as S3 shows them.
bool is_canonical_user(std::string_view text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "name/session", neither empty.
bool is_session_path(std::string_view text, std::size_t parts) {
    std::size_t seen = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != '/') continue;
        if (i == start) return false;
        if (i < text.size()) ++seen;
        start = i + 1;
    }
    return seen == parts;
}

}  // namespace

const char* to_string(principal_match match) {
    switch (match) {
        case principal_match::direct:
            return "caller";
        case principal_match::role:
            return "role";
        case principal_match::account:
            return "account";
        case principal_match::none:
            break;
    }
    return "none";
}

principal_element principal_element::everyone() {
    principal_element out;
    out.kind_ = type::everyone;
    out.value_ = "*";
    return out;
}

base::result<principal_element> principal_element::parse(std::string_view kind,
                                                         std::string_view value) {
    const auto refused = [&] {
        return base::invalid("Invalid principal in policy: \"" + std::string(kind) + "\":\"" +
                             std::string(value) + "\"");
    };
    principal_element out;
    out.value_ = value;
    if (kind == "Service") {
        out.kind_ = type::service;
        if (!is_dns_name(value)) return refused();
        return out;
    }
    if (kind == "CanonicalUser") {
        out.kind_ = type::canonical_user;
        if (!is_canonical_user(value)) return refused();
        return out;
    }
    if (kind == "Federated") {
        out.kind_ = type::federated;
        if (is_builtin_provider(value)) return out;
        const auto arn = aws::arn::parse(value);
        const bool provider = arn && arn->service == "iam" && arn->region.empty() &&
                              aws::is_account_id(arn->account) &&
                              value.find_first_of("*?") == std::string_view::npos &&
                              (arn->resource.starts_with("saml-provider/") ||
                               arn->resource.starts_with("oidc-provider/"));
        if (!provider) return refused();
        return out;
    }
    if (kind != "AWS") return refused();
    if (value == "*") return out;
    // A wildcard may stand alone but not be part of a principal.
    if (value.find_first_of("*?") != std::string_view::npos) return refused();
    if (aws::is_account_id(value)) {
        out.kind_ = type::account;
        return out;
    }
    if (is_unique_id(value)) {
        out.kind_ = type::unique_id;
        return out;
    }
    const auto arn = aws::arn::parse(value);
    if (!arn || !arn->region.empty() || !aws::is_account_id(arn->account)) return refused();
    const std::string_view resource = arn->resource;
    const auto behind = [&](std::string_view prefix) { return resource.substr(prefix.size()); };
    if (arn->service == "iam" && resource == "root") {
        out.kind_ = type::account;
        out.value_ = arn->account;
        out.partition_ = arn->partition;
    } else if (arn->service == "iam" && resource.starts_with("user/") && resource.back() != '/') {
        out.kind_ = type::user;
    } else if (arn->service == "iam" && resource.starts_with("role/") && resource.back() != '/') {
        out.kind_ = type::role;
    } else if (arn->service == "sts" && resource.starts_with("assumed-role/") &&
               is_session_path(behind("assumed-role/"), 2)) {
        out.kind_ = type::session;
    } else if (arn->service == "sts" && resource.starts_with("federated-user/") &&
               is_session_path(behind("federated-user/"), 1)) {
        out.kind_ = type::session;
    } else {
        return refused();
    }
    return out;
}

bool principal_element::bind(const principal_directory& known) {
    if (kind_ != type::user && kind_ != type::role) return true;
    auto id = known(value_);
    bound_ = true;
    bound_id_ = id ? std::move(*id) : std::string();
    return !bound_id_.empty();
}

std::string_view principal_element::account() const {
    if (kind_ == type::account) return value_;
    // arn:partition:service:region:account:…
    std::string_view rest = value_;
    if (!rest.starts_with("arn:")) return {};
    for (int colons = 0; colons < 4; ++colons) {
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos) return {};
        rest.remove_prefix(colon + 1);
    }
    return rest.substr(0, rest.find(':'));
}

std::string principal_element::text() const {
    const char* key = "AWS";
    if (kind_ == type::everyone) return "\"*\"";
    if (kind_ == type::service) key = "Service";
    if (kind_ == type::federated) key = "Federated";
    if (kind_ == type::canonical_user) key = "CanonicalUser";
    const std::string& value = kind_ == type::anyone ? std::string("*") : value_;
    return "\"" + std::string(key) + "\":\"" + value + "\"";
}

principal_match principal_element::matches(const principal& caller, bool deny) const {
    using p = principal::type;
    const bool iam = caller.kind != p::service && caller.kind != p::federated;
    const auto when = [](bool holds, principal_match how) {
        return holds ? how : principal_match::none;
    };
    switch (kind_) {
        case type::everyone:
            return principal_match::direct;
        case type::anyone:
            return when(iam || deny, principal_match::direct);
        case type::service:
            return when(caller.kind == p::service && caller.service == value_,
                        principal_match::direct);
        case type::account: {
            const bool known = iam && caller.kind != p::anonymous;
            const bool same_partition =
                partition_.empty() ||
                (caller.arn.starts_with("arn:") &&
                 std::string_view(caller.arn).substr(4).starts_with(partition_) &&
                 std::string_view(caller.arn).substr(4 + partition_.size()).starts_with(":"));
            return when(known && same_partition && caller.account == value_,
                        principal_match::account);
        }
        case type::canonical_user:
            return when(iam && !value_.empty() && caller.canonical_id == value_,
                        principal_match::account);
        case type::user:
            if (caller.kind != p::user) return principal_match::none;
            return when(
                bound_ ? !bound_id_.empty() && caller.unique_id == bound_id_ : caller.arn == value_,
                principal_match::direct);
        case type::role:
            if (caller.kind != p::role_session) return principal_match::none;
            return when(bound_ ? !bound_id_.empty() && caller.unique_id == bound_id_
                               : caller.role_arn == value_,
                        principal_match::role);
        case type::session:
            return when((caller.kind == p::role_session || caller.kind == p::federated_user) &&
                            caller.arn == value_,
                        principal_match::direct);
        case type::unique_id:
            if (caller.unique_id != value_) return principal_match::none;
            return caller.kind == p::role_session
                       ? principal_match::role
                       : when(caller.kind == p::user, principal_match::direct);
        case type::federated:
            // Sessions that a provider's users hold are role sessions: they are granted as such,
            // but a denial of the provider means them as well.
            return when((caller.kind == p::federated || deny) && caller.provider == value_,
                        principal_match::direct);
    }
    return principal_match::none;
}

}  // namespace policy
