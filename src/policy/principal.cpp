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

}  // namespace

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
    if (arn->service == "iam" && resource == "root") {
        out.kind_ = type::account;
        out.value_ = arn->account;
        out.partition_ = arn->partition;
    } else if (arn->service == "iam" && resource.starts_with("user/") && resource.size() > 5) {
        out.kind_ = type::user;
    } else if (arn->service == "iam" && resource.starts_with("role/") && resource.size() > 5) {
        out.kind_ = type::role;
    } else if (arn->service == "sts" &&
               (resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"))) {
        out.kind_ = type::session;
    } else {
        return refused();
    }
    return out;
}

principal_match principal_element::matches(const principal& caller, bool deny) const {
    using p = principal::type;
    const bool service = caller.kind == p::service;
    const auto when = [](bool holds, principal_match how) {
        return holds ? how : principal_match::none;
    };
    switch (kind_) {
        case type::anyone:
            return when(!service || deny, principal_match::direct);
        case type::service:
            return when(service && caller.service == value_, principal_match::direct);
        case type::account: {
            const bool known = !service && caller.kind != p::anonymous;
            const bool same_partition =
                partition_.empty() || caller.arn.starts_with("arn:" + partition_ + ":");
            return when(known && same_partition && caller.account == value_,
                        principal_match::account);
        }
        case type::user:
            return when(caller.kind == p::user && caller.arn == value_, principal_match::direct);
        case type::role:
            return when(caller.kind == p::role_session && caller.role_arn == value_,
                        principal_match::role);
        case type::session:
            return when(caller.kind == p::role_session && caller.arn == value_,
                        principal_match::direct);
        case type::unique_id:
            if (caller.unique_id != value_) return principal_match::none;
            return caller.kind == p::role_session
                       ? principal_match::role
                       : when(caller.kind == p::user, principal_match::direct);
        case type::federated:
            return principal_match::none;  // none of the caller types above comes from a provider
    }
    return principal_match::none;
}

}  // namespace policy
