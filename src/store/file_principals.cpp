#include "store/file_principals.hpp"

#include "store/estate_rows.hpp"

namespace store {

std::string file_principal::key() const {
    return identity_key(kind, account, name);
}

std::string_view file_principal::prefix() const {
    switch (kind) {
        case iam::entity_kind::user:
            return "AIDA";
        case iam::entity_kind::group:
            return "AGPA";
        case iam::entity_kind::role:
            return "AROA";
        case iam::entity_kind::managed_policy:
            return "ANPA";
        case iam::entity_kind::instance_profile:
            return "AIPA";
        case iam::entity_kind::account:
        case iam::entity_kind::revocation:
            break;
    }
    return "";
}

std::vector<file_principal> principals_of(const std::vector<sts::account_definition>& accounts) {
    std::vector<file_principal> out;
    for (const sts::account_definition& account : accounts) {
        const auto add = [&](iam::entity_kind kind, const auto& definitions) {
            for (const auto& one : definitions)
                out.push_back({kind, account.id, one.path, one.name});
        };
        add(iam::entity_kind::user, account.users);
        add(iam::entity_kind::group, account.groups);
        add(iam::entity_kind::role, account.roles);
        add(iam::entity_kind::managed_policy, account.managed_policies);
        add(iam::entity_kind::instance_profile, account.instance_profiles);
    }
    return out;
}

}  // namespace store
