#include "store/memory.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "policy/unicode.hpp"
#include "sts/task_policies.hpp"

namespace store {

namespace {

// Limits of IAM.
constexpr std::size_t most_tags = 50;
constexpr std::size_t tag_key_characters = 128;
constexpr std::size_t tag_value_characters = 256;
constexpr std::size_t most_managed_policies = 20;
constexpr std::size_t shortest_key_id = 16;
constexpr std::size_t longest_key_id = 128;
constexpr base::seconds shortest_role_maximum{3600};
constexpr base::seconds longest_role_maximum{43'200};

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
template <class Value>
using text_map =
    std::unordered_map<std::string, std::shared_ptr<const Value>, text_hash, std::equal_to<>>;

template <class Value>
std::shared_ptr<const Value> look_up(const text_map<Value>& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
}

class memory_store final : public sts::principal_store {
public:
    std::shared_ptr<const sts::access_key_record> find_access_key(
        std::string_view id) const override {
        return look_up(keys, id);
    }
    std::shared_ptr<const sts::role_record> find_role(std::string_view account,
                                                      std::string_view path,
                                                      std::string_view name) const override {
        return look_up(roles, aws::role_arn({}, account, path, name));
    }
    std::shared_ptr<const sts::user_record> find_user(std::string_view account,
                                                      std::string_view name) const override {
        return look_up(users, std::string(account) + "/" + std::string(name));
    }

    sts::managed_policy find_managed_policy(std::string_view arn) const override {
        return look_up(policies, arn);
    }
    bool has_account(std::string_view account) const override {
        return accounts.find(account) != accounts.end();
    }
    const sts::organization* find_organization() const override {
        return organization ? &*organization : nullptr;
    }
    const policy::document* find_verification_policy(std::string_view account) const override {
        const auto found = verification_policies.find(account);
        return found == verification_policies.end() ? nullptr : &found->second;
    }

    text_map<sts::access_key_record> keys;
    text_map<sts::role_record> roles;
    text_map<sts::user_record> users;
    text_map<sts::managed_policy_record> policies;
    std::set<std::string, std::less<>> accounts;
    std::optional<sts::organization> organization;
    std::map<std::string, policy::document, std::less<>> verification_policies;  // by account
};

base::error at(const std::string& where, std::string_view what) {
    return base::invalid(where + ": " + std::string(what));
}

/// Turns definitions into records.
class builder {
public:
    builder(std::string_view partition, const sts::key_ring& ring)
        : partition_(partition), ring_(ring), store_(std::make_shared<memory_store>()) {
        for (sts::managed_policy& one : sts::make_task_policies(partition))
            store_->policies.emplace(one->arn, std::move(one));
    }

    base::result<void> add(sts::account_definition account);
    base::result<void> set(std::optional<sts::organization> organization);
    std::shared_ptr<const sts::principal_store> take();

private:
    base::result<void> add_user(const std::string& account, sts::user_definition user);
    base::result<void> add_role(const std::string& account, sts::role_definition role);
    base::result<void> add_policy(const std::string& account,
                                  sts::managed_policy_definition policy);
    /// `user` null: the account's root.
    base::result<void> add_key(const std::string& account,
                               const std::shared_ptr<const sts::user_record>& user,
                               sts::access_key_definition key, const std::string& where);
    /// By ARN, or by name within the account.
    base::result<sts::managed_policy> find_policy(const std::string& account,
                                                  const std::string& reference,
                                                  const std::string& where) const;
    base::result<std::vector<sts::managed_policy>> find_policies(
        const std::string& account, const std::vector<std::string>& references,
        const std::string& where) const;
    /// Names, paths and tags, which users and roles share.
    base::result<void> check_common(const std::string& name, const std::string& path,
                                    const sts::tag_list& tags, std::set<std::string>& names,
                                    const std::string& where) const;
    std::string unique_id(std::string_view prefix, std::string_view account, std::string_view kind,
                          std::string_view path, std::string_view name) const {
        return aws::unique_id_from(prefix, account,
                                   ring_.principal_seed(account, kind, path, name));
    }

    std::string partition_;
    const sts::key_ring& ring_;
    std::shared_ptr<memory_store> store_;
    std::vector<std::shared_ptr<sts::role_record>> roles_;        // their trusts are not bound yet
    std::map<std::string, std::string, std::less<>> unique_ids_;  // by ARN
    std::set<std::string> user_names_, role_names_, policy_names_;  // lower case, with the account
};

base::result<std::vector<sts::named_policy>> parse_policies(const sts::policy_list& policies,
                                                            const std::string& where) {
    std::vector<sts::named_policy> out;
    std::set<std::string> names;
    for (const auto& [name, text] : policies) {
        const std::string here = where + ", policy '" + name + "'";
        if (name.empty() || !names.insert(name).second)
            return at(where, "policy names must be unique and not empty");
        auto parsed = policy::document::parse(text, policy::document_kind::identity);
        if (!parsed) return at(here, parsed.error().message);
        out.push_back({name, std::move(*parsed)});
    }
    return out;
}

base::result<void> check_tags(const sts::tag_list& tags, const std::string& where) {
    std::set<std::string> keys;
    if (tags.size() > most_tags) return at(where, "at most 50 tags");
    for (const auto& [key, value] : tags) {
        const std::string lower = policy::lower_case(key);
        if (key.empty() || policy::utf16_length(key) > tag_key_characters ||
            policy::utf16_length(value) > tag_value_characters)
            return at(where, "tag '" + key + "' is too long or has no key");
        if (lower.starts_with("aws:"))
            return at(where, "tag keys that start with 'aws:' are reserved");
        if (!keys.insert(lower).second)
            return at(where, "tag '" + key + "' occurs twice (keys ignore case)");
    }
    return {};
}

base::result<void> builder::check_common(const std::string& name, const std::string& path,
                                         const sts::tag_list& tags, std::set<std::string>& names,
                                         const std::string& where) const {
    if (!aws::is_role_name(name)) return at(where, "a name is 1 to 64 letters, digits and _+=,.@-");
    if (!aws::is_role_path(path)) return at(where, "'" + path + "' is not a path such as /team/");
    // IAM: unique without regard to case, compared with regard to case.
    const std::string lower = where.substr(0, where.find(',')) + "/" + policy::lower_case(name);
    if (!names.insert(lower).second)
        return at(where, "another one has the same name (names ignore case)");
    return check_tags(tags, where);
}

base::result<void> builder::add(sts::account_definition account) {
    const std::string where = "account " + account.id;
    if (!aws::is_account_id(account.id))
        return at("account '" + account.id + "'", "an account is 12 digits");
    if (!store_->accounts.insert(account.id).second) return at(where, "defined twice");
    for (sts::managed_policy_definition& one : account.managed_policies) {
        if (auto done = add_policy(account.id, std::move(one)); !done) return done.error();
    }
    for (sts::access_key_definition& key : account.root_access_keys) {
        if (auto done = add_key(account.id, nullptr, std::move(key), where + ", root"); !done)
            return done.error();
    }
    for (sts::role_definition& role : account.roles) {
        if (auto done = add_role(account.id, std::move(role)); !done) return done.error();
    }
    for (sts::user_definition& user : account.users) {
        if (auto done = add_user(account.id, std::move(user)); !done) return done.error();
    }
    if (account.verification_policy.empty()) return {};
    auto policy =
        policy::document::parse(account.verification_policy, policy::document_kind::resource);
    if (!policy) return at(where + ", verification policy", policy.error().message);
    store_->verification_policies.emplace(account.id, std::move(*policy));
    return {};
}

/// A role may trust one that is defined behind it, so trusts are bound when all are known. A name
/// that nobody has matches nobody.
std::shared_ptr<const sts::principal_store> builder::take() {
    const auto known = [&](std::string_view arn) -> std::optional<std::string> {
        const auto found = unique_ids_.find(arn);
        if (found == unique_ids_.end()) return std::nullopt;
        return found->second;
    };
    for (const auto& role : roles_)
        role->trust.bind(known);
    for (auto& [account, policy] : store_->verification_policies)
        policy.bind(known);
    roles_.clear();
    return std::move(store_);
}

base::result<void> builder::add_role(const std::string& account, sts::role_definition role) {
    const std::string where = "account " + account + ", role '" + role.name + "'";
    if (auto done = check_common(role.name, role.path, role.tags, role_names_, where); !done)
        return done.error();
    if (role.max_session_duration < shortest_role_maximum ||
        role.max_session_duration > longest_role_maximum)
        return at(where, "max_session_duration must be 1h to 12h");
    auto trust = policy::document::parse(role.trust_policy, policy::document_kind::trust);
    if (!trust) return at(where + ", trust policy", trust.error().message);
    auto policies = parse_policies(role.policies, where);
    if (!policies) return policies.error();
    auto managed = find_policies(account, role.managed_policies, where);
    if (!managed) return managed.error();
    auto boundary = find_policy(account, role.permissions_boundary, where);
    if (!boundary) return boundary.error();
    auto record = std::make_shared<sts::role_record>(sts::role_record{
        account, role.path, role.name, aws::role_arn(partition_, account, role.path, role.name),
        unique_id("AROA", account, "role", role.path, role.name), std::move(*trust),
        std::move(*policies), role.max_session_duration, std::move(role.tags), std::move(*managed),
        std::move(*boundary)});
    store_->roles.emplace(aws::role_arn({}, account, record->path, record->name), record);
    unique_ids_.emplace(record->arn, record->unique_id);
    roles_.push_back(std::move(record));
    return {};
}

base::result<void> builder::add_user(const std::string& account, sts::user_definition user) {
    const std::string where = "account " + account + ", user '" + user.name + "'";
    if (auto done = check_common(user.name, user.path, user.tags, user_names_, where); !done)
        return done.error();
    auto policies = parse_policies(user.policies, where);
    if (!policies) return policies.error();
    auto managed = find_policies(account, user.managed_policies, where);
    if (!managed) return managed.error();
    auto boundary = find_policy(account, user.permissions_boundary, where);
    if (!boundary) return boundary.error();
    const auto record = std::make_shared<const sts::user_record>(sts::user_record{
        account, user.path, user.name,
        "arn:" + partition_ + ":iam::" + account + ":user" + user.path + user.name,
        unique_id("AIDA", account, "user", user.path, user.name), std::move(*policies),
        std::move(user.tags), std::move(*managed), std::move(*boundary)});
    store_->users.emplace(account + "/" + record->name, record);
    unique_ids_.emplace(record->arn, record->unique_id);
    for (sts::access_key_definition& key : user.access_keys) {
        if (auto done = add_key(account, record, std::move(key), where); !done) return done.error();
    }
    return {};
}

base::result<void> builder::add_key(const std::string& account,
                                    const std::shared_ptr<const sts::user_record>& user,
                                    sts::access_key_definition key, const std::string& where) {
    const bool word = key.id.find_first_not_of(
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789_") == std::string::npos;
    if (!word || key.id.size() < shortest_key_id || key.id.size() > longest_key_id)
        return at(where, "an access key id is 16 to 128 letters and digits, such as AKIA…");
    if (key.id.starts_with("ASIA"))
        return at(where, "access key ids that start with ASIA are for temporary credentials");
    if (key.secret.empty()) return at(where, "the secret of access key " + key.id + " is empty");
    auto record = std::make_shared<sts::access_key_record>();
    record->id = key.id;
    record->secret = std::move(key.secret);
    record->active = key.active;
    record->account = account;
    record->user = user;
    if (!store_->keys.emplace(key.id, std::move(record)).second)
        return at(where, "access key " + key.id + " is defined twice");
    return {};
}

base::result<void> builder::add_policy(const std::string& account,
                                       sts::managed_policy_definition policy) {
    const std::string key = policy.path == "/" ? policy.name : policy.path + policy.name;
    const std::string where = "account " + account + ", managed policy '" + key + "'";
    if (auto named = aws::parse_policy_name(key); !named) return at(where, named.error().message);
    auto parsed = policy::document::parse(policy.document, policy::document_kind::boundary);
    if (!parsed) return at(where, parsed.error().message);
    auto record = std::make_shared<const sts::managed_policy_record>(sts::managed_policy_record{
        account, aws::policy_arn(partition_, account, policy.path, policy.name),
        std::move(*parsed)});
    const std::string lower =
        where.substr(0, where.find(',')) + "/" + policy::lower_case(policy.name);
    if (!policy_names_.insert(lower).second)
        return at(where, "another one has the same name (names ignore case and path)");
    store_->policies.emplace(record->arn, record);
    return {};
}

base::result<sts::managed_policy> builder::find_policy(const std::string& account,
                                                       const std::string& reference,
                                                       const std::string& where) const {
    if (reference.empty()) return sts::managed_policy();
    std::string arn = reference;
    if (!arn.starts_with("arn:")) {
        const auto named = aws::parse_policy_name(reference);
        if (!named) return at(where, named.error().message);
        arn = aws::policy_arn(partition_, account, named->path, named->name);
    }
    sts::managed_policy found = look_up(store_->policies, arn);
    // Task policies are for AssumeRoot alone, and policies of other accounts cannot be attached.
    if (found == nullptr || found->account != account)
        return at(where, "there is no managed policy '" + reference + "' in the account");
    return found;
}

base::result<std::vector<sts::managed_policy>> builder::find_policies(
    const std::string& account, const std::vector<std::string>& references,
    const std::string& where) const {
    std::vector<sts::managed_policy> out;
    if (references.size() > most_managed_policies) return at(where, "at most 20 managed policies");
    for (const std::string& one : references) {
        auto found = find_policy(account, one, where);
        if (!found) return found.error();
        if (*found == nullptr) return at(where, "the name of a managed policy is empty");
        out.push_back(std::move(*found));
    }
    return out;
}

base::result<void> builder::set(std::optional<sts::organization> organization) {
    if (organization) {
        std::vector<std::string> named = organization->delegated_administrators;
        named.push_back(organization->management_account);
        for (const std::string& account : named) {
            if (!store_->has_account(account))
                return at("organization", "there is no account '" + account + "'");
        }
    }
    store_->organization = std::move(organization);
    return {};
}

}  // namespace

base::result<std::shared_ptr<const sts::principal_store>> make_memory_store(
    std::vector<sts::account_definition> accounts, std::string_view partition,
    const sts::key_ring& ring, std::optional<sts::organization> organization) {
    builder build(partition, ring);
    for (sts::account_definition& account : accounts) {
        if (auto done = build.add(std::move(account)); !done) return done.error();
    }
    if (auto done = build.set(std::move(organization)); !done) return done.error();
    return build.take();
}

}  // namespace store
