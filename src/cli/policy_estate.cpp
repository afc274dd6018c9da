#include "cli/policy_estate.hpp"

#include "aws/arn.hpp"
#include "host/system_random.hpp"
#include "iam/file_entities.hpp"

namespace cli {

namespace {

using type = policy::principal::type;

template <class Record>
policy::known_principal principal_of(const Record& record, const iam::directory& among,
                                     std::vector<sts::managed_policy>& held) {
    policy::known_principal out;
    out.arn = record.arn;
    out.who.account = record.account;
    out.who.unique_id = record.unique_id;
    for (const sts::named_policy& p : record.policies)
        out.identity.push_back({p.name, &p.document});
    const auto look_up = [&](const std::string& arn) {
        return policy::attached{arn, &held.emplace_back(among.find_managed_policy(arn))->document};
    };
    for (const std::string& arn : record.managed_policies)
        out.identity.push_back(look_up(arn));
    if (!record.boundary.empty()) out.boundary = look_up(record.boundary);
    for (const auto& [key, value] : record.tags)
        out.tags.set("aws:PrincipalTag/" + key, value);
    return out;
}

struct name {
    std::string account, path, name;
};

}  // namespace

base::result<configured_estate> configured_estate::build(config::configuration from) {
    configured_estate out;
    std::vector<name> users, roles;
    for (const sts::account_definition& account : from.accounts) {
        out.all.accounts.insert(account.id);
        for (const auto& user : account.users)
            users.push_back({account.id, user.path, user.name});
        for (const auto& role : account.roles)
            roles.push_back({account.id, role.path, role.name});
    }
    host::system_random random;
    // It seals nothing here; the directory takes the unique ids of principals from it.
    const auto ring = sts::key_ring::generate(random, {});
    const auto store = iam::directory_of(std::move(from.accounts), from.issuer.partition,
                                         iam::seeded_identities(ring));
    if (!store) return store.error();
    out.directory_ = *store;
    for (const name& n : users) {
        auto record = (*store)->find_user(n.account, n.name);
        if (record == nullptr) return base::internal("user " + n.name + " is not in the store");
        out.add(*record);
        out.users_.push_back(std::move(record));
    }
    for (const name& n : roles) {
        auto record = (*store)->find_role(n.account, n.path, n.name);
        if (record == nullptr) return base::internal("role " + n.name + " is not in the store");
        out.add(*record);
        out.roles_.push_back(std::move(record));
    }
    return out;
}

void configured_estate::add(const sts::user_record& user) {
    policy::known_principal one = principal_of(user, *directory_, held_);
    for (const std::string& name : user.groups) {
        const auto group = directory_->find_group(user.account, name);
        for (const sts::named_policy& p : group->policies)
            one.identity.push_back({p.name, &p.document});
        for (const std::string& arn : group->managed_policies) {
            const auto& found = held_.emplace_back(directory_->find_managed_policy(arn));
            one.identity.push_back({arn, &found->document});
        }
        groups_.push_back(group);
    }
    one.who.kind = type::user;
    one.who.arn = user.arn;
    all.principals.push_back(std::move(one));
}

void configured_estate::add(const sts::role_record& role) {
    policy::known_principal one = principal_of(role, *directory_, held_);
    one.who.kind = type::role_session;
    one.who.role_arn = role.arn;
    const std::string partition = role.arn.substr(4, role.arn.find(':', 4) - 4);
    one.who.arn = aws::assumed_role_arn(partition, role.account, role.name, "*");
    policy::known_role as_role{all.principals.size(), &role.trust, {}};
    for (const auto& [key, value] : role.tags) {
        as_role.tags.set("aws:ResourceTag/" + key, value);
        as_role.tags.set("iam:ResourceTag/" + key, value);
    }
    all.principals.push_back(std::move(one));
    all.roles.push_back(std::move(as_role));
}

}  // namespace cli
