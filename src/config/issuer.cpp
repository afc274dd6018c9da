#include <algorithm>
#include <set>

#include "aws/arn.hpp"
#include "config/json_value.hpp"
#include "config/policies.hpp"
#include "config/sections.hpp"
#include "http/request.hpp"
#include "policy/quota.hpp"
#include "policy/unicode.hpp"

namespace config {

namespace {

// IAM: MaxSessionDuration.
constexpr base::seconds least_session{3600};
constexpr base::seconds most_session{12 * 3600};
// IAM: tags of users and roles.
constexpr pair_limits tag_limits{50, 128, 256};
// IAM: the AccessKeyId type is 16 to 128 of \w.
constexpr std::size_t least_key_id = 16;
constexpr std::size_t most_managed_policies = 20;  // IAM: attached to one user or role
constexpr std::size_t most_key_id = 128;
// AWS gives 40 characters; much less could be guessed from one signature.
constexpr std::size_t least_secret = 16;
constexpr std::size_t most_secret = 128;

bool is_key_id(std::string_view text) {
    return text.size() >= least_key_id && text.size() <= most_key_id &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

/// A secret from a file or an environment variable. The value never reaches a message.
std::optional<base::secret> read_secret(const node& value, context with) {
    if (!value.is_mapping()) {
        with.out.error(value.at,
                       "secrets are not written here; use {file: PATH} or {env: VARIABLE}");
        return std::nullopt;
    }
    const mapping fields(value, sections::secret, with.out);
    std::string file, variable;
    fields.text("file", file);
    fields.text("env", variable);
    if (file.empty() == variable.empty()) {
        with.out.error(value.at, "a secret has either 'file' or 'env'");
        return std::nullopt;
    }
    std::optional<std::string> content;
    if (file.empty()) {
        content = with.from.variable(variable);
        if (!content) {
            with.out.error(fields.at("env"), "the environment has no variable " + quoted(variable));
        }
    } else {
        content = read_file_value(file, fields.at("file"), with);
    }
    if (!content) return std::nullopt;
    std::string_view text = *content;
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    std::optional<base::secret> secret;
    if (text.size() < least_secret || text.size() > most_secret || !printable) {
        with.out.error(value.at, "the secret must be " + std::to_string(least_secret) + " to " +
                                     std::to_string(most_secret) +
                                     " printable characters on one line");
    } else {
        secret.emplace(text);
    }
    base::wipe(content->data(), content->size());
    return secret;
}

void read_disabled_regions(const mapping& fields, const std::string& account,
                           sts::issuer_options& into, context with);

/// Reads `issuer.accounts`. Access key ids must be unique over all of them.
class account_reader {
public:
    account_reader(context with, std::string_view partition) : with_(with), partition_(partition) {}

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
        if (const node* users = fields.find("users"))
            each_named(*users, "users", with_.out,
                       [&](const auto& one) { account.users.push_back(read_user(one, account)); });
        if (const node* roles = fields.find("roles"))
            each_named(*roles, "roles", with_.out,
                       [&](const auto& one) { account.roles.push_back(read_role(one, account)); });
        if (const node* policy = fields.find("verification_policy"))
            account.verification_policy =
                read_verification_policy(*policy, "verification_policy", partition_, with_)
                    .value_or("");
        read_disabled_regions(fields, account.id, into.issuer, with_);
        into.accounts.push_back(std::move(account));
    }

private:
    void check_name(const node::entry& entry) {
        if (!aws::is_role_name(entry.key))
            with_.out.error(entry.at,
                            "names of users and roles are 1 to 64 letters, digits and _+=,.@-");
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

    /// A managed policy of the account, by ARN or by name.
    void check_reference(const node& value, const sts::account_definition& account) {
        std::vector<std::string> arns, names;
        for (const sts::managed_policy_definition& one : account.managed_policies) {
            names.push_back(one.path == "/" ? one.name : one.path + one.name);
            arns.push_back(aws::policy_arn(partition_, account.id, one.path, one.name));
        }
        const std::vector<std::string>& known = value.text.starts_with("arn:") ? arns : names;
        if (std::find(known.begin(), known.end(), value.text) != known.end()) return;
        with_.out.error(value.at, "account " + account.id + " has no managed policy " +
                                      quoted(value.text) +
                                      suggestion(value.text, {known.begin(), known.end()}));
    }

    template <class Definition>
    void read_managed(const mapping& fields, const sts::account_definition& account,
                      Definition& into) {
        if (const node* list = fields.find("managed_policies")) {
            for (const node* one : one_or_more(*list, "managed_policies", with_.out)) {
                check_reference(*one, account);
                into.managed_policies.push_back(one->text);
            }
            if (into.managed_policies.size() > most_managed_policies)
                with_.out.error(list->at, "'managed_policies' has more than " +
                                              std::to_string(most_managed_policies) + " entries");
        }
        if (const node* boundary = fields.find("permissions_boundary")) {
            if (const auto text = read_text(*boundary, "permissions_boundary", with_.out)) {
                check_reference(*boundary, account);
                into.permissions_boundary = *text;
            }
        }
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

    sts::user_definition read_user(const node::entry& entry,
                                   const sts::account_definition& account) {
        check_name(entry);
        const mapping fields(entry.value, sections::user, with_.out);
        sts::user_definition user;
        user.name = entry.key;
        read_path(fields, user.path);
        user.access_keys = read_access_keys(fields);
        read_managed(fields, account, user);
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
            if (auto read = read_secret(*secret, with_)) key.secret = std::move(*read);
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
        check_name(entry);
        const mapping fields(entry.value, sections::role, with_.out);
        sts::role_definition role;
        role.name = entry.key;
        read_path(fields, role.path);
        if (const node* trust = fields.require("trust_policy"))
            role.trust_policy = read_trust_policy(*trust, "trust_policy", with_).value_or("");
        if (const node* policies = fields.find("policies"))
            role.policies = read_inline_policies(*policies, policy::role_inline_quota, role.name);
        read_managed(fields, account, role);
        fields.duration("max_session_duration", least_session, most_session,
                        role.max_session_duration);
        if (const node* tags = fields.find("tags"))
            role.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
        return role;
    }

    context with_;
    std::string partition_;
    std::set<std::string> key_ids_;
};

void read_regions(const mapping& fields, sts::issuer_options& into, context with) {
    fields.text("region", into.default_region);
    if (!aws::is_region(into.default_region))
        with.out.error(fields.at("region"), quoted(into.default_region) + " is no region name");
    const node* regions = fields.find("regions");
    if (regions && !(regions->is_sequence() && regions->items.empty())) {
        for (const node* region : one_or_more(*regions, "regions", with.out)) {
            if (!aws::is_region(region->text))
                with.out.error(region->at, quoted(region->text) + " is no region name");
            into.regions.push_back(region->text);
        }
    }
    const auto& all = into.regions;
    const bool listed = std::find(all.begin(), all.end(), into.default_region) != all.end();
    if (!all.empty() && !listed)
        with.out.error(regions->at, "'regions' must contain the issuer's own region, " +
                                        quoted(into.default_region));
    // A misspelt region would end up in every signature and in no error.
    if (all.empty() && aws::is_region(into.default_region) &&
        !aws::has_form_of_aws_region(into.default_region)) {
        with.out.error(fields.at("region"),
                       quoted(into.default_region) +
                           " is not of the form of AWS's regions, such as eu-central-1; a region "
                           "of your own must be listed in 'regions' as well");
    }
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

bool is_endpoint_host(std::string_view text) {
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    });
}

/// host name -> `global` or a region
void read_endpoints(const node& value, sts::issuer_options& into, context with) {
    each_named(value, "endpoints", with.out, [&](const node::entry& entry) {
        for (const auto& before : into.endpoints) {
            if (http::equal_ignoring_case(before.host, entry.key))
                with.out.error(entry.at,
                               quoted(entry.key) + " is there already (host names ignore case)");
        }
        if (!is_endpoint_host(entry.key))
            with.out.error(entry.at, quoted(entry.key) + " is no host name (without a port)");
        const auto meaning = read_text(entry.value, entry.key, with.out);
        if (!meaning) return;
        const auto& known = into.regions;
        if (*meaning == "global") {
            into.endpoints.push_back({entry.key, ""});
            return;
        }
        if (!aws::is_region(*meaning))
            with.out.error(entry.value.at, quoted(*meaning) + " is neither 'global' nor a region");
        else if (!known.empty() && std::find(known.begin(), known.end(), *meaning) == known.end())
            with.out.error(entry.value.at, "'regions' has no " + quoted(*meaning));
        into.endpoints.push_back({entry.key, *meaning});
    });
}

/// "https://app.example.com:8443", as browsers write it: no path, no slash at the end.
bool is_origin(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(scheme.size());
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                   std::string_view(".-:[]").find(c) != std::string_view::npos;
        });
    }
    return false;
}

void read_origins(const node& value, sts::issuer_options& into, context with) {
    if (value.is_sequence() && value.items.empty()) return;
    for (const node* origin : one_or_more(value, "allowed_origins", with.out)) {
        if (origin->text != "*" && !is_origin(origin->text))
            with.out.error(origin->at,
                           quoted(origin->text) + " is no origin such as https://app.example.com");
        into.allowed_origins.push_back(origin->text);
    }
}

void read_rate(const mapping& limits, std::string_view key, sts::call_rate& into, context with) {
    constexpr unsigned most = 10'000'000;
    const node* value = limits.find(key);
    if (!value) return;
    const mapping fields(*value, sections::call_rate, with.out);
    if (fields.require("requests_per_second"))
        fields.integer<unsigned>("requests_per_second", 1, most, into.per_second);
    into.burst = 2 * into.per_second;
    fields.integer<unsigned>("burst", 1, most, into.burst);
}

void read_front(const mapping& fields, sts::issuer_options& into, context with) {
    if (const node* endpoints = fields.find("endpoints")) read_endpoints(*endpoints, into, with);
    if (const node* origins = fields.find("allowed_origins")) read_origins(*origins, into, with);
    if (const node* value = fields.find("limits")) {
        const mapping limits(*value, sections::issuer_limits, with.out);
        read_rate(limits, "address", into.limits.address, with);
        read_rate(limits, "principal", into.limits.principal, with);
    }
    if (const node* value = fields.find("compat")) {
        const mapping compat(*value, sections::issuer_compat, with.out);
        compat.choice<bool>("presigned_window", {{"strict", false}, {"fixed", true}},
                            into.compat.fixed_presigned_window);
        compat.choice<bool>("session_token", {{"signed", false}, {"unsigned", true}},
                            into.compat.unsigned_session_token);
    }
}

bool is_partition(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// An account that is defined; empty: reported.
std::string read_member(const node& value, std::string_view key, const configuration& so_far,
                        context with) {
    if (!value.is_scalar()) {
        with.out.error(value.at, quoted(key) + " must be an account");
        return {};
    }
    const auto id = read_account(value.text, value.plain, value.at, with.out);
    if (!id) return {};
    std::vector<std::string_view> known;
    for (const auto& one : so_far.accounts)
        known.push_back(one.id);
    if (std::find(known.begin(), known.end(), *id) != known.end()) return *id;
    with.out.error(value.at,
                   "issuer.accounts has no account " + quoted(*id) + suggestion(*id, known));
    return {};
}

void read_organization(const mapping& issuer, configuration& into, context with) {
    const node* value = issuer.find("organization");
    if (!value) return;
    const mapping fields(*value, sections::organization, with.out);
    sts::organization out;
    if (const node* account = fields.require("management_account"))
        out.management_account = read_member(*account, "management_account", into, with);
    if (const node* list = fields.find("delegated_administrators")) {
        for (const node* one : one_or_more(*list, "delegated_administrators", with.out))
            out.delegated_administrators.push_back(
                read_member(*one, "delegated_administrators", into, with));
    }
    if (const node* list = fields.find("features")) {
        for (const node* one : one_or_more(*list, "features", with.out)) {
            const auto feature = read_choice(
                *one, "features", {"root_credentials_management", "root_sessions"}, with.out);
            if (!feature) continue;
            (*feature == 0 ? out.root_credentials_management : out.root_sessions) = true;
        }
    }
    into.organization = std::move(out);
}

}  // namespace

void read_issuer(const mapping& top, configuration& into, context with) {
    const node* value = top.find("issuer");
    if (!value) return;
    const mapping fields(*value, sections::issuer, with.out);
    read_regions(fields, into.issuer, with);
    into.issuer.partition = aws::partition_of_region(into.issuer.default_region);
    fields.text("partition", into.issuer.partition);
    if (!is_partition(into.issuer.partition))
        with.out.error(fields.at("partition"), "'partition' must be a word such as aws");
    read_front(fields, into.issuer, with);
    const node* accounts = fields.find("accounts");
    if (!accounts) {
        read_organization(fields, into, with);
        return;
    }
    account_reader reader(with, into.issuer.partition);
    each_named(*accounts, "accounts", with.out,
               [&](const auto& entry) { reader.read(entry, into); });
    read_organization(fields, into, with);
}

}  // namespace config
