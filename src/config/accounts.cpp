#include <algorithm>
#include <set>

#include "aws/arn.hpp"
#include "config/policies.hpp"
#include "config/secret_value.hpp"
#include "config/sections.hpp"
#include "iam/limits.hpp"
#include "iam/provider_policies.hpp"
#include "policy/quota.hpp"
#include "policy/unicode.hpp"
#include "sts/ports.hpp"

namespace config {

namespace {

// IAM: tags of users and roles.
constexpr pair_limits tag_limits{iam::most_tags, iam::tag_key_characters,
                                 iam::tag_value_characters};
// IAM: the AccessKeyId type is 16 to 128 of \w.
constexpr std::size_t least_key_id = 16;
constexpr std::size_t most_key_id = 128;
// AWS gives 40 characters; much less could be guessed from one signature.
constexpr secret_form secret_key_form{16, 128, "16 to 128 printable characters on one line"};

bool is_key_id(std::string_view text) {
    return text.size() >= least_key_id && text.size() <= most_key_id &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

/// `disabled_regions` of an account. Its users would be locked out without the issuer's own.
void read_disabled_regions(const mapping& fields, const std::string& account,
                           sts::issuer_options& into, context with) {
    const node* list = fields.find("disabled_regions");
    if (!list || (list->is_sequence() && list->items.empty())) return;
    for (const node* region : one_or_more(*list, "disabled_regions", with.out)) {
        if (!aws::is_region(region->text))
            with.out.error(region->at, quoted(region->text) + " is no region name");
        else if (region->text == into.default_region)
            with.out.error(region->at, "the issuer's own region cannot be disabled");
        into.disabled_regions.push_back({account, region->text});
    }
}

/// Reads `issuer.accounts`. Access key ids must be unique over all of them.
class account_reader {
public:
    account_reader(context with, std::string_view partition) : with_(with), partition_(partition) {
        // Task policies, which have a path, are for AssumeRoot alone.
        for (const iam::managed_policy& one : iam::provider_policies()) {
            if (one.path == "/")
                provider_arns_.push_back(
                    aws::policy_arn(partition_, one.account, one.path, one.name));
        }
    }

    void read(const node::entry& entry, configuration& into) {
        const auto id = read_account(entry.key, entry.plain, entry.at, with_.out);
        const mapping fields(entry.value, sections::account, with_.out);
        sts::account_definition account;
        account.id = id.value_or(entry.key);
        read_managed_policies(fields, account);
        if (const node* root = fields.find("root")) {
            const mapping of_root(*root, sections::root, with_.out);
            account.root_access_keys = read_access_keys(of_root);
        }
        // What others name comes before them.
        read_each(fields, "groups", iam::long_name_characters,
                  [&](const auto& one) { account.groups.push_back(read_group(one, account)); });
        read_each(fields, "users", iam::name_characters,
                  [&](const auto& one) { account.users.push_back(read_user(one, account)); });
        read_each(fields, "roles", iam::name_characters,
                  [&](const auto& one) { account.roles.push_back(read_role(one, account)); });
        read_each(fields, "instance_profiles", iam::long_name_characters, [&](const auto& one) {
            account.instance_profiles.push_back(read_instance_profile(one, account));
        });
        if (const node* policy = fields.find("verification_policy"))
            account.verification_policy =
                read_verification_policy(*policy, "verification_policy", partition_, with_)
                    .value_or("");
        read_disabled_regions(fields, account.id, into.issuer, with_);
        into.accounts.push_back(std::move(account));
    }

private:
    /// IAM: names of one kind are unique without regard to case.
    template <class Read>
    void read_each(const mapping& fields, std::string_view key, std::size_t longest,
                   const Read& read_one) {
        const node* value = fields.find(key);
        if (!value) return;
        std::set<std::string> names;
        each_named(*value, key, with_.out, [&](const node::entry& entry) {
            if (!iam::is_name(entry.key, longest)) {
                with_.out.error(entry.at, "names of " + std::string(key) + " are 1 to " +
                                              std::to_string(longest) +
                                              " letters, digits and _+=,.@-");
            } else if (!names.insert(policy::lower_case(entry.key)).second) {
                with_.out.error(entry.at, quoted(key) + " has the name " + quoted(entry.key) +
                                              " already (names ignore case)");
            }
            read_one(entry);
        });
    }

    void read_path(const mapping& fields, std::string& into) {
        fields.text("path", into);
        if (!aws::is_role_path(into))
            with_.out.error(fields.at("path"),
                            "'path' must be / or start and end with /, such as /team/");
    }

    void read_managed_policies(const mapping& fields, sts::account_definition& account) {
        const node* value = fields.find("managed_policies");
        if (!value) return;
        if (!value->is_mapping()) {
            with_.out.error(value->at,
                            "'managed_policies' must be a mapping from names to policies");
            return;
        }
        std::set<std::string> names;
        for (const node::entry& entry : value->entries) {
            const auto named = aws::parse_policy_name(entry.key);
            if (!named) {
                with_.out.error(entry.at, named.error().message);
                continue;
            }
            if (!names.insert(policy::lower_case(named->name)).second)
                with_.out.error(entry.at,
                                "another managed policy has the same name (names ignore "
                                "case and path)");
            if (auto text = read_managed_policy(entry.value, entry.key, partition_, with_))
                account.managed_policies.push_back({named->name, named->path, std::move(*text)});
        }
    }

    /// A managed policy of the account, by ARN or by name, or one of the provider's, by ARN.
    void check_reference(const node& value, const sts::account_definition& account) {
        std::vector<std::string> arns = provider_arns_, names;
        for (const sts::managed_policy_definition& one : account.managed_policies) {
            names.push_back(one.path == "/" ? one.name : one.path + one.name);
            arns.push_back(aws::policy_arn(partition_, account.id, one.path, one.name));
        }
        const std::vector<std::string>& known = value.text.starts_with("arn:") ? arns : names;
        if (std::find(known.begin(), known.end(), value.text) != known.end()) return;
        std::string message = "account " + account.id + " has no managed policy " +
                              quoted(value.text) +
                              suggestion(value.text, {known.begin(), known.end()});
        const std::string provided =
            aws::policy_arn(partition_, sts::managed_by_provider, "/", value.text);
        if (std::find(provider_arns_.begin(), provider_arns_.end(), provided) !=
            provider_arns_.end()) {
            message += "; the provider's policy is " + quoted(provided);
        }
        with_.out.error(value.at, std::move(message));
    }

    template <class Definition>
    void read_managed(const mapping& fields, const sts::account_definition& account,
                      Definition& into) {
        const node* list = fields.find("managed_policies");
        if (!list) return;
        for (const node* one : one_or_more(*list, "managed_policies", with_.out)) {
            check_reference(*one, account);
            into.managed_policies.push_back(one->text);
        }
        if (into.managed_policies.size() > iam::most_attached_policies)
            with_.out.error(list->at, "'managed_policies' has more than " +
                                          std::to_string(iam::most_attached_policies) + " entries");
    }

    void read_boundary(const mapping& fields, const sts::account_definition& account,
                       std::string& into) {
        const node* boundary = fields.find("permissions_boundary");
        if (!boundary) return;
        if (const auto text = read_text(*boundary, "permissions_boundary", with_.out)) {
            check_reference(*boundary, account);
            into = *text;
        }
    }

    sts::group_definition read_group(const node::entry& entry,
                                     const sts::account_definition& account) {
        const mapping fields(entry.value, sections::group, with_.out);
        sts::group_definition group;
        group.name = entry.key;
        read_path(fields, group.path);
        read_managed(fields, account, group);
        if (const node* policies = fields.find("policies"))
            group.policies =
                read_inline_policies(*policies, policy::group_inline_quota, group.name);
        return group;
    }

    /// Names of the account's groups.
    void read_membership(const mapping& fields, const sts::account_definition& account,
                         sts::user_definition& user) {
        const node* list = fields.find("groups");
        if (!list) return;
        std::vector<std::string_view> known;
        for (const sts::group_definition& one : account.groups)
            known.push_back(one.name);
        for (const node* one : one_or_more(*list, "groups", with_.out)) {
            const auto& so_far = user.groups;
            if (std::find(known.begin(), known.end(), one->text) == known.end())
                with_.out.error(one->at, "account " + account.id + " has no group " +
                                             quoted(one->text) + suggestion(one->text, known));
            else if (std::find(so_far.begin(), so_far.end(), one->text) != so_far.end())
                with_.out.error(one->at, "the group " + quoted(one->text) + " is named twice");
            user.groups.push_back(one->text);
        }
        if (user.groups.size() > iam::most_groups_of_user)
            with_.out.error(list->at, "a user is in at most " +
                                          std::to_string(iam::most_groups_of_user) + " groups");
    }

    sts::instance_profile_definition read_instance_profile(const node::entry& entry,
                                                           const sts::account_definition& account) {
        const mapping fields(entry.value, sections::instance_profile, with_.out);
        sts::instance_profile_definition profile;
        profile.name = entry.key;
        read_path(fields, profile.path);
        if (const node* role = fields.find("role")) {
            if (const auto name = read_text(*role, "role", with_.out)) {
                std::vector<std::string_view> known;
                for (const sts::role_definition& one : account.roles)
                    known.push_back(one.name);
                if (std::find(known.begin(), known.end(), *name) == known.end())
                    with_.out.error(role->at, "account " + account.id + " has no role " +
                                                  quoted(*name) + suggestion(*name, known));
                profile.role = *name;
            }
        }
        if (const node* tags = fields.find("tags"))
            profile.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
        return profile;
    }

    sts::policy_list read_inline_policies(const node& value, const policy::inline_quota& quota,
                                          const std::string& name) {
        sts::policy_list out = read_policies(value, "policies", partition_, with_);
        std::size_t characters = 0;
        for (const auto& [policy, text] : out)
            characters += policy::counted_characters(text);
        const auto fits = policy::check_inline_quota(quota, name, characters);
        if (!fits)
            with_.out.error(value.at, fits.error().message + ": its inline policies have " +
                                          std::to_string(characters) +
                                          " characters without white space");
        return out;
    }

    std::vector<sts::access_key_definition> read_access_keys(const mapping& fields) {
        std::vector<sts::access_key_definition> out;
        const node* keys = fields.find("access_keys");
        if (!keys) return out;
        if (!keys->is_sequence()) {
            with_.out.error(keys->at, "'access_keys' must be a list");
            return out;
        }
        for (const node& key : keys->items)
            out.push_back(read_access_key(key));
        return out;
    }

    sts::user_definition read_user(const node::entry& entry,
                                   const sts::account_definition& account) {
        const mapping fields(entry.value, sections::user, with_.out);
        sts::user_definition user;
        user.name = entry.key;
        read_path(fields, user.path);
        user.access_keys = read_access_keys(fields);
        read_managed(fields, account, user);
        read_boundary(fields, account, user.permissions_boundary);
        read_membership(fields, account, user);
        if (const node* policies = fields.find("policies"))
            user.policies = read_inline_policies(*policies, policy::user_inline_quota, user.name);
        if (const node* tags = fields.find("tags"))
            user.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
        return user;
    }

    sts::access_key_definition read_access_key(const node& value) {
        const mapping fields(value, sections::access_key, with_.out);
        sts::access_key_definition key;
        if (fields.require("id")) fields.text("id", key.id);
        if (!key.id.empty()) check_key_id(key.id, fields.at("id"));
        if (const node* secret = fields.require("secret"))
            if (auto read = read_secret(*secret, secret_key_form, with_))
                key.secret = std::move(*read);
        fields.boolean("active", key.active);
        return key;
    }

    void check_key_id(const std::string& id, const position& at) {
        if (!is_key_id(id)) {
            with_.out.error(at,
                            "an access key id is 16 to 128 letters, digits and '_', such as "
                            "AKIAIOSFODNN7EXAMPLE");
        } else if (id.starts_with("ASIA")) {
            with_.out.error(at,
                            "ASIA... names temporary credentials; a user's key id starts with "
                            "AKIA");
        } else if (!key_ids_.insert(id).second) {
            with_.out.error(at, "the access key id " + quoted(id) + " is in use already");
        }
    }

    sts::role_definition read_role(const node::entry& entry,
                                   const sts::account_definition& account) {
        const mapping fields(entry.value, sections::role, with_.out);
        sts::role_definition role;
        role.name = entry.key;
        read_path(fields, role.path);
        if (const node* trust = fields.require("trust_policy"))
            role.trust_policy = read_trust_policy(*trust, "trust_policy", with_).value_or("");
        if (const node* policies = fields.find("policies"))
            role.policies = read_inline_policies(*policies, policy::role_inline_quota, role.name);
        read_managed(fields, account, role);
        read_boundary(fields, account, role.permissions_boundary);
        fields.duration("max_session_duration", iam::shortest_role_maximum,
                        iam::longest_role_maximum, role.max_session_duration);
        if (const node* tags = fields.find("tags"))
            role.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
        return role;
    }

    context with_;
    std::string partition_;
    std::vector<std::string> provider_arns_;
    std::set<std::string> key_ids_;
};

}  // namespace

void read_accounts(const mapping& issuer, configuration& into, context with) {
    const node* accounts = issuer.find("accounts");
    if (!accounts) return;
    account_reader reader(with, into.issuer.partition);
    each_named(*accounts, "accounts", with.out,
               [&](const auto& entry) { reader.read(entry, into); });
}

}  // namespace config
