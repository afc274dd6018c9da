#include "iam/file_entities.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/provider_policies.hpp"
#include "iam/trust_binding.hpp"
#include "policy/document.hpp"
#include "policy/unicode.hpp"

namespace iam {

namespace {

constexpr std::size_t shortest_key_id = 16;
constexpr std::size_t longest_key_id = 128;

base::error at(const std::string& where, std::string_view what) {
    return base::invalid(where + ": " + std::string(what));
}

base::result<void> check_policies(const sts::policy_list& policies, const std::string& where) {
    std::set<std::string> names;
    for (const auto& [name, text] : policies) {
        if (name.empty() || !names.insert(name).second)
            return at(where, "policy names must be unique and not empty");
        const auto parsed = policy::document::parse(text, policy::document_kind::identity);
        if (!parsed) return at(where + ", policy '" + name + "'", parsed.error().message);
    }
    return {};
}

/// Turns definitions into entities.
class converter {
public:
    converter(std::string_view partition, std::string_view file, const identity_source& identities)
        : partition_(partition), file_(file), identities_(identities) {}

    base::result<void> add(sts::account_definition account);

    std::vector<std::shared_ptr<const entity>> out;

private:
    base::result<void> add_policy(const std::string& account,
                                  sts::managed_policy_definition policy);
    base::result<void> add_group(const std::string& account, sts::group_definition group);
    base::result<void> add_user(const std::string& account, sts::user_definition user);
    base::result<void> add_role(const std::string& account, sts::role_definition role);
    base::result<void> add_instance_profile(const std::string& account,
                                            sts::instance_profile_definition profile);
    base::result<access_key> key_of_definition(sts::access_key_definition key,
                                               const std::string& where);
    /// ARN of a managed policy by its ARN, or by its name within the account.
    base::result<std::string> find_policy(const std::string& account, const std::string& reference,
                                          const std::string& where) const;
    base::result<std::vector<std::string>> find_policies(const std::string& account,
                                                         const std::vector<std::string>& references,
                                                         const std::string& where) const;
    base::result<void> check_common(const std::string& name, const std::string& path,
                                    const sts::tag_list& tags, std::size_t longest_name,
                                    std::set<std::string>& names, const std::string& where) const;
    void identify(named& one, entity_kind kind, std::string_view prefix, const std::string& account,
                  std::string path, std::string name, sts::tag_list tags) const;
    template <class Entity>
    void keep(Entity one) {
        out.push_back(std::make_shared<const entity>(std::move(one)));
    }

    std::string partition_, file_;
    const identity_source& identities_;
    std::set<std::string> accounts_, key_ids_, policy_arns_;
    // Lower case, with the account.
    std::set<std::string> user_names_, role_names_, group_names_, policy_names_, profile_names_;
};

void converter::identify(named& one, entity_kind kind, std::string_view prefix,
                         const std::string& account, std::string path, std::string name,
                         sts::tag_list tags) const {
    file_identity known = identities_(kind, prefix, account, path, name);
    one.account = account;
    one.path = std::move(path);
    one.name = std::move(name);
    one.unique_id = std::move(known.unique_id);
    one.created = known.created;
    one.tags = std::move(tags);
    one.owned_by = file_;
}

base::result<void> converter::check_common(const std::string& name, const std::string& path,
                                           const sts::tag_list& tags, std::size_t longest_name,
                                           std::set<std::string>& names,
                                           const std::string& where) const {
    if (!is_name(name, longest_name))
        return at(where, "a name is 1 to " + std::to_string(longest_name) +
                             " letters, digits and _+=,.@-");
    if (!aws::is_role_path(path)) return at(where, "'" + path + "' is not a path such as /team/");
    // IAM: unique without regard to case, compared with regard to case.
    const std::string lower = where.substr(0, where.find(',')) + "/" + policy::lower_case(name);
    if (!names.insert(lower).second)
        return at(where, "another one has the same name (names ignore case)");
    if (const auto good = check_tags(tags); !good) return at(where, good.error().message);
    return {};
}

base::result<void> converter::add(sts::account_definition account) {
    const std::string where = "account " + account.id;
    if (!aws::is_account_id(account.id))
        return at("account '" + account.id + "'", "an account is 12 digits");
    if (!accounts_.insert(account.id).second) return at(where, "defined twice");
    if (policy_arns_.empty()) {
        for (const managed_policy& one : provider_policies())
            policy_arns_.insert(aws::policy_arn(partition_, one.account, one.path, one.name));
    }
    iam::account made;
    made.id = account.id;
    for (sts::access_key_definition& key : account.root_access_keys) {
        auto one = key_of_definition(std::move(key), where + ", root");
        if (!one) return one.error();
        made.root_access_keys.push_back(std::move(*one));
    }
    made.verification_policy = std::move(account.verification_policy);
    if (!made.verification_policy.empty()) {
        const auto parsed =
            policy::document::parse(made.verification_policy, policy::document_kind::resource);
        if (!parsed) return at(where + ", verification policy", parsed.error().message);
    }
    keep(std::move(made));
    const auto each = [&](auto& definitions, auto add_one) -> base::result<void> {
        for (auto& one : definitions) {
            if (auto done = (this->*add_one)(account.id, std::move(one)); !done)
                return done.error();
        }
        return {};
    };
    if (auto done = each(account.managed_policies, &converter::add_policy); !done) return done;
    if (auto done = each(account.groups, &converter::add_group); !done) return done;
    if (auto done = each(account.roles, &converter::add_role); !done) return done;
    if (auto done = each(account.users, &converter::add_user); !done) return done;
    return each(account.instance_profiles, &converter::add_instance_profile);
}

base::result<void> converter::add_role(const std::string& account, sts::role_definition role) {
    const std::string where = "account " + account + ", role '" + role.name + "'";
    if (auto done =
            check_common(role.name, role.path, role.tags, name_characters, role_names_, where);
        !done)
        return done.error();
    if (role.max_session_duration < shortest_role_maximum ||
        role.max_session_duration > longest_role_maximum)
        return at(where, "max_session_duration must be 1h to 12h");
    const auto trust = policy::document::parse(role.trust_policy, policy::document_kind::trust);
    if (!trust) return at(where + ", trust policy", trust.error().message);
    if (auto good = check_policies(role.policies, where); !good) return good;
    auto attached = find_policies(account, role.managed_policies, where);
    if (!attached) return attached.error();
    auto boundary = find_policy(account, role.permissions_boundary, where);
    if (!boundary) return boundary.error();
    iam::role made;
    identify(made, entity_kind::role, "AROA", account, std::move(role.path), std::move(role.name),
             std::move(role.tags));
    made.trust_policy = std::move(role.trust_policy);
    made.policies = std::move(role.policies);
    made.attached = std::move(*attached);
    made.boundary = std::move(*boundary);
    made.max_session_duration = role.max_session_duration;
    keep(std::move(made));
    return {};
}

base::result<void> converter::add_group(const std::string& account, sts::group_definition group) {
    const std::string where = "account " + account + ", group '" + group.name + "'";
    if (auto done =
            check_common(group.name, group.path, {}, long_name_characters, group_names_, where);
        !done)
        return done.error();
    if (auto good = check_policies(group.policies, where); !good) return good;
    auto attached = find_policies(account, group.managed_policies, where);
    if (!attached) return attached.error();
    iam::group made;
    identify(made, entity_kind::group, "AGPA", account, std::move(group.path),
             std::move(group.name), {});
    made.policies = std::move(group.policies);
    made.attached = std::move(*attached);
    keep(std::move(made));
    return {};
}

base::result<void> converter::add_user(const std::string& account, sts::user_definition user) {
    const std::string where = "account " + account + ", user '" + user.name + "'";
    if (auto done =
            check_common(user.name, user.path, user.tags, name_characters, user_names_, where);
        !done)
        return done.error();
    if (auto good = check_policies(user.policies, where); !good) return good;
    auto attached = find_policies(account, user.managed_policies, where);
    if (!attached) return attached.error();
    auto boundary = find_policy(account, user.permissions_boundary, where);
    if (!boundary) return boundary.error();
    if (user.groups.size() > most_groups_of_user)
        return at(where, "a user is in at most 10 groups");
    std::set<std::string> groups;
    for (const std::string& name : user.groups) {
        // Groups come before users, and membership is by exact name.
        const auto same = [&](const std::shared_ptr<const entity>& one) {
            const auto* known = std::get_if<iam::group>(one.get());
            return known != nullptr && known->account == account && known->name == name;
        };
        if (std::none_of(out.begin(), out.end(), same))
            return at(where, "there is no group '" + name + "' in the account");
        if (!groups.insert(name).second) return at(where, "group '" + name + "' is named twice");
    }
    iam::user made;
    identify(made, entity_kind::user, "AIDA", account, std::move(user.path), std::move(user.name),
             std::move(user.tags));
    made.policies = std::move(user.policies);
    made.attached = std::move(*attached);
    made.boundary = std::move(*boundary);
    made.groups = std::move(user.groups);
    for (sts::access_key_definition& key : user.access_keys) {
        auto one = key_of_definition(std::move(key), where);
        if (!one) return one.error();
        one->created = made.created;
        made.access_keys.push_back(std::move(*one));
    }
    keep(std::move(made));
    return {};
}

base::result<access_key> converter::key_of_definition(sts::access_key_definition key,
                                                      const std::string& where) {
    const bool word = key.id.find_first_not_of(
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789_") == std::string::npos;
    if (!word || key.id.size() < shortest_key_id || key.id.size() > longest_key_id)
        return at(where, "an access key id is 16 to 128 letters and digits, such as AKIA…");
    if (key.id.starts_with("ASIA"))
        return at(where, "access key ids that start with ASIA are for temporary credentials");
    if (key.secret.empty()) return at(where, "the secret of access key " + key.id + " is empty");
    if (!key_ids_.insert(key.id).second)
        return at(where, "access key " + key.id + " is defined twice");
    access_key made;
    made.id = std::move(key.id);
    made.secret = std::make_shared<const base::secret>(std::move(key.secret));
    made.active = key.active;
    made.owned_by = file_;
    return made;
}

base::result<void> converter::add_policy(const std::string& account,
                                         sts::managed_policy_definition policy) {
    const std::string key = policy.path == "/" ? policy.name : policy.path + policy.name;
    const std::string where = "account " + account + ", managed policy '" + key + "'";
    if (auto named = aws::parse_policy_name(key); !named) return at(where, named.error().message);
    const auto parsed = policy::document::parse(policy.document, policy::document_kind::boundary);
    if (!parsed) return at(where, parsed.error().message);
    const std::string lower =
        where.substr(0, where.find(',')) + "/" + policy::lower_case(policy.name);
    if (!policy_names_.insert(lower).second)
        return at(where, "another one has the same name (names ignore case and path)");
    policy_arns_.insert(aws::policy_arn(partition_, account, policy.path, policy.name));
    managed_policy made;
    identify(made, entity_kind::managed_policy, "ANPA", account, std::move(policy.path),
             std::move(policy.name), {});
    made.updated = made.created;
    made.versions.push_back({1, std::move(policy.document), made.created});
    keep(std::move(made));
    return {};
}

base::result<void> converter::add_instance_profile(const std::string& account,
                                                   sts::instance_profile_definition profile) {
    const std::string where = "account " + account + ", instance profile '" + profile.name + "'";
    if (auto done = check_common(profile.name, profile.path, profile.tags, long_name_characters,
                                 profile_names_, where);
        !done)
        return done.error();
    if (!profile.role.empty()) {
        const auto same = [&](const std::shared_ptr<const entity>& one) {
            const auto* known = std::get_if<iam::role>(one.get());
            return known != nullptr && known->account == account && known->name == profile.role;
        };
        if (std::none_of(out.begin(), out.end(), same))
            return at(where, "there is no role '" + profile.role + "' in the account");
    }
    iam::instance_profile made;
    identify(made, entity_kind::instance_profile, "AIPA", account, std::move(profile.path),
             std::move(profile.name), std::move(profile.tags));
    made.role = std::move(profile.role);
    keep(std::move(made));
    return {};
}

base::result<std::string> converter::find_policy(const std::string& account,
                                                 const std::string& reference,
                                                 const std::string& where) const {
    if (reference.empty()) return std::string();
    std::string arn = reference;
    if (!arn.starts_with("arn:")) {
        const auto named = aws::parse_policy_name(reference);
        if (!named) return at(where, named.error().message);
        arn = aws::policy_arn(partition_, account, named->path, named->name);
    }
    // Task policies are for AssumeRoot alone, and policies of other accounts cannot be attached.
    const auto own = aws::policy_arn(partition_, account, "/", "");
    const auto provided = aws::policy_arn(partition_, sts::managed_by_provider, "/", "");
    const bool attachable =
        arn.starts_with(own) ||
        (arn.starts_with(provided) && arn.find('/', provided.size()) == std::string::npos);
    if (!attachable || policy_arns_.count(arn) == 0)
        return at(where, "there is no managed policy '" + reference + "' in the account");
    return arn;
}

base::result<std::vector<std::string>> converter::find_policies(
    const std::string& account, const std::vector<std::string>& references,
    const std::string& where) const {
    std::vector<std::string> found;
    if (references.size() > most_attached_policies) return at(where, "at most 20 managed policies");
    for (const std::string& one : references) {
        auto arn = find_policy(account, one, where);
        if (!arn) return arn.error();
        if (arn->empty()) return at(where, "the name of a managed policy is empty");
        found.push_back(std::move(*arn));
    }
    return found;
}

/// An account may be in the file and in the store: what the file says comes on top.
iam::account joined(iam::account stored, const iam::account& of_file) {
    stored.verification_policy = of_file.verification_policy;
    for (const access_key& key : of_file.root_access_keys) {
        std::erase_if(stored.root_access_keys,
                      [&](const access_key& other) { return other.id == key.id; });
        stored.root_access_keys.push_back(key);
    }
    return stored;
}

std::string_view noun(entity_kind kind) {
    switch (kind) {
        case entity_kind::user:
            return "user";
        case entity_kind::group:
            return "group";
        case entity_kind::role:
            return "role";
        case entity_kind::managed_policy:
            return "managed policy";
        case entity_kind::instance_profile:
            return "instance profile";
        case entity_kind::account:
        case entity_kind::revocation:
            break;
    }
    return "entity";
}

}  // namespace

base::result<file_layer> file_layer::make(std::vector<sts::account_definition> accounts,
                                          std::string_view partition, std::string_view file,
                                          const identity_source& identities) {
    converter convert(partition, file, identities);
    for (sts::account_definition& account : accounts) {
        if (auto done = convert.add(std::move(account)); !done) return done.error();
    }
    file_layer out;
    out.entities_ = std::move(convert.out);
    for (std::size_t i = 0; i < out.entities_.size(); ++i) {
        const entity& one = *out.entities_[i];
        out.index_[one.index()].emplace(key_of(one), i);
    }
    return out;
}

base::result<std::shared_ptr<const directory>> file_layer::over(const directory& stored) const {
    changes made;
    std::vector<std::string> taken_keys;
    for (const auto& one : entities_) {
        const entity_kind kind = kind_of(*one);
        std::string key = key_of(*one);
        const auto there = stored.find(kind, key);
        if (kind == entity_kind::account) {
            if (there == nullptr) {
                made.push_back({kind, std::move(key), one});
            } else {
                made.push_back(put(joined(std::get<account>(*there), std::get<account>(*one))));
            }
            continue;
        }
        if (there != nullptr) {
            const auto slash = key.find('/');
            return base::invalid("account " + key.substr(0, slash) + ", " +
                                 std::string(noun(kind)) + " '" + key.substr(slash + 1) +
                                 "': the store has one of this name, made by the IAM API; delete "
                                 "it there, or give the file's another name");
        }
        if (const auto* of_file = std::get_if<user>(one.get())) {
            for (const access_key& id : of_file->access_keys) {
                if (stored.owner_of_key(id.id) != nullptr)
                    return base::invalid("account " + of_file->account + ", user '" +
                                         of_file->name + "': access key " + id.id +
                                         " is in the store already");
            }
        }
        made.push_back({kind, std::move(key), one});
    }
    auto combined = stored.with(made);
    // A role may trust one that is defined behind it, so trusts are tied when all are known.
    changes bound;
    for (const auto& one : entities_) {
        const auto* of_file = std::get_if<role>(one.get());
        if (of_file == nullptr) continue;
        role copy = *of_file;
        copy.trusted_ids = trusted_ids_of(copy.trust_policy, *combined).known;
        bound.push_back(put(std::move(copy)));
    }
    return combined->with(bound);
}

std::optional<change> file_layer::merged(const change& stored) const {
    const auto& index = index_[std::size_t(stored.kind)];
    const auto found = index.find(stored.key);
    if (found == index.end()) return stored;
    if (stored.kind != entity_kind::account) return std::nullopt;
    const auto& own = entities_[found->second];
    if (stored.value == nullptr) return change{stored.kind, stored.key, own};
    return put(joined(std::get<account>(*stored.value), std::get<account>(*own)));
}

change without_file_parts(const change& decided) {
    const auto* of_both =
        decided.value == nullptr ? nullptr : std::get_if<account>(decided.value.get());
    if (of_both == nullptr) return decided;
    account stored = *of_both;
    stored.verification_policy.clear();
    std::erase_if(stored.root_access_keys,
                  [](const access_key& key) { return !key.owned_by.empty(); });
    return {decided.kind, decided.key, std::make_shared<const entity>(std::move(stored))};
}

identity_source seeded_identities(const sts::key_ring& ring) {
    return [&ring](entity_kind kind, std::string_view prefix, std::string_view account,
                   std::string_view path, std::string_view name) {
        const std::string seed = ring.principal_seed(account, noun(kind), path, name);
        return file_identity{aws::unique_id_from(prefix, account, seed), {}};
    };
}

base::result<std::shared_ptr<const directory>> directory_of(
    std::vector<sts::account_definition> accounts, std::string_view partition,
    const identity_source& identities, std::optional<sts::organization> organization) {
    const auto layer =
        file_layer::make(std::move(accounts), partition, "the configuration", identities);
    if (!layer) return layer.error();
    auto made = layer->over(*directory::empty(std::string(partition)));
    if (!made) return made.error();
    if (auto good = check_organization(organization, **made); !good) return good.error();
    return (*made)->with_organization(std::move(organization));
}

base::result<void> check_organization(const std::optional<sts::organization>& organization,
                                      const directory& among) {
    if (!organization) return {};
    std::vector<std::string> named = organization->delegated_administrators;
    named.push_back(organization->management_account);
    for (const std::string& account : named) {
        if (!among.has_account(account))
            return at("organization", "there is no account '" + account + "'");
    }
    return {};
}

}  // namespace iam
