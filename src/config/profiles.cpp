#include <algorithm>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "config/instance_profile.hpp"
#include "config/json_value.hpp"
#include "config/policies.hpp"
#include "config/role_trust.hpp"
#include "config/sections.hpp"
#include "profile/renewal_plan.hpp"

namespace config {

namespace {

// STS: AssumeRole.
constexpr base::seconds least_duration{900};
constexpr base::seconds most_duration{12 * 3600};
constexpr pair_limits session_tag_limits{50, 128, 256};
constexpr std::size_t most_instance_profile_name = 128;

bool only(std::string_view text, std::string_view extra) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

bool has_length(const std::string& text, std::size_t least, std::size_t most) {
    return text.size() >= least && text.size() <= most;
}

/// Reads one profile; the mapping may come from a file of its own.
class profile_reader {
public:
    profile_reader(const configuration& so_far, context with) : so_far_(so_far), with_(with) {}

    profile::role_profile read(std::string name, const node& value) {
        const mapping fields(value, sections::profile, with_.out);
        profile::role_profile one;
        one.name = std::move(name);
        read_role(fields, one);
        read_instance_profile_name(fields, one.instance_profile_name);
        read_session(fields, one.issue);
        if (role_) check_role_trust(fields, one, *role_, so_far_.issuer.default_region, with_);
        if (const node* metadata = fields.find("metadata")) read_metadata(*metadata, one.metadata);
        one.metadata.extended_credentials = so_far_.compat.extended_credentials;
        if (const node* connect = fields.find("instance_connect"))
            one.connect = read_instance_connect(*connect, with_);
        if (const node* faults = fields.find("faults")) one.faults = read_faults(*faults, with_);
        if (const node* throttle = fields.find("throttle"))
            one.request_throttle = read_throttle(*throttle, with_);
        if (const node* instance = fields.find("instance")) read_instance(*instance, one, with_);
        if (const node* container = fields.find("container"))
            read_container(*container, one, with_);
        // Programs sign with the region that they read here, and the issuer checks it.
        if (one.instance.region.empty() && one.instance.availability_zone.empty())
            one.instance.region = so_far_.issuer.default_region;
        return one;
    }

private:
    void read_role(const mapping& fields, profile::role_profile& one) {
        const node* value = fields.find("role");
        const node* instance_profile = fields.find("instance_profile");
        if (!value && !instance_profile) {
            // Without a role these would have no effect, which nobody means who writes them.
            for (const auto key : {"source", "duration", "session_name", "session_policy", "tags",
                                   "transitive_tag_keys", "source_identity", "external_id"}) {
                if (fields.find(key))
                    with_.out.error(fields.at(key),
                                    quoted(key) + " needs a 'role' or an 'instance_profile'");
            }
            return;
        }
        if (value && instance_profile) {
            with_.out.error(fields.at("instance_profile"),
                            "a profile has a 'role' or an 'instance_profile', whose role it gets");
            return;
        }
        fields.duration("duration", least_duration, most_duration, one.issue.duration);
        if (one.issue.duration < profile::shortest_comfortable_life) {
            with_.out.warning(fields.at("duration"),
                              "several client libraries treat credentials that live less than " +
                                  base::duration_text(profile::shortest_comfortable_life) +
                                  " as an outage");
        }
        if (instance_profile) {
            read_instance_profile(fields, *instance_profile, one);
            return;
        }
        const auto text = read_text(*value, "role", with_.out);
        if (text) {
            if (const auto reference = aws::parse_role_arn(*text)) {
                one.granted_role = profile::role{*text, reference->name, reference->account};
                if (read_source(fields, one.issue))
                    check_core_role(fields, *value, *reference, one.issue);
            } else {
                with_.out.error(value->at, quoted(*text) + ": " + reference.error().message);
            }
        }
    }

    void read_instance_profile(const mapping& fields, const node& value,
                               profile::role_profile& one) {
        auto reference = read_instance_profile_reference(value, so_far_, with_);
        read_source(fields, one.issue);
        if (fields.find("instance_profile_name"))
            with_.out.error(fields.at("instance_profile_name"),
                            "with 'instance_profile' the name is that one's");
        if (!reference) return;
        one.instance_profile = std::move(reference->named);
        role_ = reference->role;
        if (role_) check_duration(fields, one.issue);
    }

    void read_instance_profile_name(const mapping& fields, std::string& name) {
        fields.text("instance_profile_name", name);
        if (name.size() > most_instance_profile_name || !only(name, "_+=,.@-"))
            with_.out.error(fields.at("instance_profile_name"),
                            "'instance_profile_name' is 1 to 128 letters, digits and _+=,.@-");
    }

    /// False: reported.
    bool read_source(const mapping& fields, profile::issue_options& issue) {
        const node* value = fields.require("source");
        const auto name = value ? read_text(*value, "source", with_.out) : std::nullopt;
        if (!name) return false;
        issue.source = *name;
        const auto& sources = so_far_.sources;
        if (std::none_of(sources.begin(), sources.end(),
                         [&](const auto& source) { return source.name == *name; })) {
            std::vector<std::string_view> known;
            for (const auto& source : sources)
                known.push_back(source.name);
            with_.out.error(value->at,
                            "there is no source " + quoted(*name) + suggestion(*name, known));
            return false;
        }
        return true;
    }

    /// The core issuer knows its roles: a role that it does not have could never be assumed.
    void check_core_role(const mapping& fields, const node& at,
                         const aws::role_reference& reference,
                         const profile::issue_options& issue) {
        if (reference.partition != so_far_.issuer.partition) {
            with_.out.error(at.at, "the issuer is in partition " +
                                       quoted(so_far_.issuer.partition) + ", the role in " +
                                       quoted(reference.partition));
            return;
        }
        const auto& accounts = so_far_.accounts;
        const auto account = std::find_if(accounts.begin(), accounts.end(),
                                          [&](const auto& a) { return a.id == reference.account; });
        if (account == accounts.end()) {
            std::vector<std::string_view> known;
            for (const auto& a : accounts)
                known.push_back(a.id);
            with_.out.error(at.at, "issuer.accounts has no account " + quoted(reference.account) +
                                       suggestion(reference.account, known));
            return;
        }
        const auto& roles = account->roles;
        const auto role = std::find_if(roles.begin(), roles.end(),
                                       [&](const auto& r) { return r.name == reference.name; });
        if (role == roles.end()) {
            std::vector<std::string_view> known;
            for (const auto& r : roles)
                known.push_back(r.name);
            with_.out.error(at.at, "account " + reference.account +
                                       " in issuer.accounts has no role " + quoted(reference.name) +
                                       suggestion(reference.name, known));
            return;
        }
        if (role->path != reference.path) {
            with_.out.error(
                at.at, "the role's ARN is " + aws::role_arn(so_far_.issuer.partition, account->id,
                                                            role->path, role->name));
            return;
        }
        role_ = &*role;
        check_duration(fields, issue);
    }

    void check_duration(const mapping& fields, const profile::issue_options& issue) {
        if (issue.duration > role_->max_session_duration) {
            with_.out.error(fields.at("duration"),
                            "'duration' is longer than the role's max_session_duration, " +
                                base::duration_text(role_->max_session_duration));
        }
    }

    void read_session(const mapping& fields, profile::issue_options& issue) {
        fields.text("session_name", issue.session_name);
        if (const auto bad = profile::unknown_placeholder(issue.session_name)) {
            with_.out.error(fields.at("session_name"),
                            "unknown placeholder " + quoted(*bad) +
                                "; known are {instance-id}, {hostname} and {profile}");
        }
        if (const node* policy = fields.find("session_policy"))
            issue.session_policy =
                read_session_policy(*policy, "session_policy", so_far_.issuer.partition, with_);
        if (const node* tags = fields.find("tags"))
            issue.tags = read_pairs(*tags, "tags", session_tag_limits, with_.out);
        if (const node* keys = fields.find("transitive_tag_keys"))
            read_transitive_keys(*keys, issue);
        fields.text("source_identity", issue.source_identity);
        if (issue.source_identity &&
            !(has_length(*issue.source_identity, 2, 64) && only(*issue.source_identity, "_+=,.@-")))
            with_.out.error(fields.at("source_identity"),
                            "'source_identity' is 2 to 64 letters, digits and _+=,.@-");
        fields.text("external_id", issue.external_id);
        if (issue.external_id &&
            !(has_length(*issue.external_id, 2, 1224) && only(*issue.external_id, "_+=,.@:/-")))
            with_.out.error(fields.at("external_id"),
                            "'external_id' is 2 to 1224 letters, digits and _+=,.@:/-");
    }

    void read_transitive_keys(const node& value, profile::issue_options& issue) {
        for (const node* key : one_or_more(value, "transitive_tag_keys", with_.out)) {
            const bool tagged =
                std::any_of(issue.tags.begin(), issue.tags.end(),
                            [&](const auto& tag) { return tag.first == key->text; });
            if (!tagged) with_.out.error(key->at, "'tags' has no key " + quoted(key->text));
            issue.transitive_tag_keys.push_back(key->text);
        }
    }

    void read_metadata(const node& value, profile::metadata_options& into) {
        const mapping fields(value, sections::metadata, with_.out);
        fields.choice<bool>("http_endpoint", {{"enabled", true}, {"disabled", false}},
                            into.http_endpoint_enabled);
        fields.choice<bool>("http_tokens", {{"required", true}, {"optional", false}},
                            into.http_tokens_required);
        fields.integer<int>("hop_limit", 1, 64, into.hop_limit);
        fields.choice<bool>("http_protocol_ipv6", {{"enabled", true}, {"disabled", false}},
                            into.http_protocol_ipv6_enabled);
        fields.choice<bool>("instance_metadata_tags", {{"enabled", true}, {"disabled", false}},
                            into.instance_metadata_tags);
    }

    const configuration& so_far_;
    context with_;
    const sts::role_definition* role_ = nullptr;  ///< the core issuer's, when it has it
};

/// A profile in a file of its own: its mapping, or nothing.
std::optional<node> read_profile_file(const node& value, context with) {
    if (value.text.empty()) {
        with.out.error(value.at, "a profile is a mapping or the name of a file");
        return std::nullopt;
    }
    const auto content = read_file_value(value.text, value.at, with);
    if (!content) return std::nullopt;
    const auto file = with.out.add_file(with.out.path_from(value.at, value.text));
    return parse_tree(*content, file, with.out);
}

}  // namespace

profile_places read_profiles(const mapping& top, configuration& into, context with) {
    profile_places places;
    const node* value = top.find("profiles");
    if (!value) return places;
    each_named(*value, "profiles", with.out, [&](const node::entry& entry) {
        if (!is_plain_name(entry.key))
            with.out.error(entry.at,
                           "names of profiles are 1 to 64 letters, digits, '_', '.' and '-'");
        profile_reader reader(into, with);
        profile::role_profile one;
        one.name = entry.key;
        if (entry.value.is_scalar()) {
            if (const auto tree = read_profile_file(entry.value, with))
                one = reader.read(entry.key, *tree);
        } else {
            one = reader.read(entry.key, entry.value);
        }
        into.profiles.push_back(std::move(one));
        places.push_back(entry.at);
    });
    return places;
}

}  // namespace config
