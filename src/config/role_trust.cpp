#include "config/role_trust.hpp"

#include <algorithm>
#include <array>

#include "policy/evaluate.hpp"
#include "source/core_issuer.hpp"

namespace config {

namespace {

/// Keys that the issuer gives a value with each request; all others have what `known_facts` says,
/// or none.
constexpr std::array<std::string_view, 4> open_keys{"aws:currenttime", "aws:epochtime",
                                                    "sts:rolesessionname", "aws:sourcearn"};

policy::principal daemon_principal() {
    policy::principal out;
    out.kind = policy::principal::type::service;
    out.service = source::instance_service_principal;
    return out;
}

/// The facts of the daemon's AssumeRole, as the issuer will have them.
policy::context known_facts(const profile::role_profile& one, const sts::role_definition& role,
                            const std::string& region) {
    const std::string service = source::instance_service_principal;
    const std::string& account =
        one.instance_profile ? one.instance_profile->account : one.granted_role->account;
    policy::context facts;
    facts.set("aws:SecureTransport", "true");
    facts.set("aws:UserAgent", service);
    facts.set("aws:RequestedRegion", region);
    facts.set("aws:PrincipalType", "Service");
    facts.set("aws:ViaAWSService", "false");
    facts.set("aws:PrincipalIsAWSService", "true");
    facts.set("aws:PrincipalServiceName", service);
    facts.set_many("aws:PrincipalServiceNamesList", {service});
    facts.set("aws:SourceAccount", account);
    facts.set("aws:ResourceAccount", account);
    for (const auto& [key, value] : role.tags) {
        facts.set("aws:ResourceTag/" + key, value);
        facts.set("iam:ResourceTag/" + key, value);
    }
    if (one.issue.external_id) facts.set("sts:ExternalId", *one.issue.external_id);
    if (one.issue.source_identity) facts.set("sts:SourceIdentity", *one.issue.source_identity);
    std::vector<std::string> keys;
    for (const auto& [key, value] : one.issue.tags) {
        facts.set("aws:RequestTag/" + key, value);
        keys.push_back(key);
    }
    facts.set_many("aws:TagKeys", keys);
    facts.set_many("sts:TransitiveTagKeys", one.issue.transitive_tag_keys);
    return facts;
}

bool is_open(const policy::condition& c) {
    std::vector<std::string> keys{c.key()};
    c.add_variable_keys(keys);
    return std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
        return std::find(open_keys.begin(), open_keys.end(), key) != open_keys.end();
    });
}

/// Whether the conditions hold; `otherwise` when that depends on what is open.
bool conditions_hold(const policy::statement& s, const policy::context& facts, bool otherwise) {
    bool open = false;
    for (const policy::condition& c : s.conditions) {
        if (is_open(c)) {
            open = true;
            continue;
        }
        const policy::verdict v = c.evaluate(facts);
        // What cannot be evaluated does not allow, and does deny.
        if (v == policy::verdict::no || (v == policy::verdict::unevaluable && s.allow))
            return false;
    }
    return !open || otherwise;
}

/// False: refused for certain.
bool may_allow(const policy::document& trust, std::string_view action,
               const policy::principal& caller, const policy::context& facts) {
    bool allowed = false;
    for (const policy::statement& s : trust.statements()) {
        if (!policy::action_applies(s, action)) continue;
        if (policy::principal_applies(s, caller) == policy::principal_match::none) continue;
        if (!conditions_hold(s, facts, s.allow)) continue;
        if (!s.allow) return false;
        allowed = true;
    }
    return allowed;
}

}  // namespace

void check_role_trust(const mapping& fields, const profile::role_profile& one,
                      const sts::role_definition& role, const std::string& region, context with) {
    const auto trust = policy::document::parse(role.trust_policy, policy::document_kind::trust);
    if (!trust) return;  // has been reported where it stands
    const policy::principal caller = daemon_principal();
    const policy::context facts = known_facts(one, role, region);
    const std::string_view giver = one.instance_profile ? "instance_profile" : "role";
    const auto warn = [&](std::string_view field, std::string_view action) {
        with.out.warning(fields.at(field),
                         "profile " + quoted(one.name) + ": the issuer will refuse its role: for " +
                             quoted(field) + " the trust policy of " + quoted(role.name) +
                             " must allow " + caller.service + " to do " + std::string(action));
    };
    if (!may_allow(*trust, "sts:AssumeRole", caller, facts)) return warn(giver, "sts:AssumeRole");
    if (!one.issue.tags.empty() && !may_allow(*trust, "sts:TagSession", caller, facts))
        warn("tags", "sts:TagSession");
    if (one.issue.source_identity && !may_allow(*trust, "sts:SetSourceIdentity", caller, facts)) {
        warn("source_identity", "sts:SetSourceIdentity");
    }
}

}  // namespace config
