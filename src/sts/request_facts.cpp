#include "sts/request_facts.hpp"

#include "base/time_text.hpp"

namespace sts {

namespace {

using type = policy::principal::type;

std::string_view principal_type(type kind) {
    switch (kind) {
        case type::account_root:
            return "Account";
        case type::user:
            return "User";
        case type::role_session:
            return "AssumedRole";
        case type::federated_user:
            return "FederatedUser";
        case type::federated:  // seen on AWS: before there is a session
            return "User";
        case type::service:
            return "Service";
        case type::anonymous:
            break;
    }
    return "Anonymous";
}

void add_principal_tags(policy::context& facts, const caller& by) {
    for (const auto& [key, value] : by.own_tags())
        facts.set("aws:PrincipalTag/" + key, value);
    if (!by.through) return;
    // A session tag wins over the role's own tag of that name.
    for (const session_tag& tag : by.through->tags)
        facts.set("aws:PrincipalTag/" + tag.key, tag.value);
}

/// What EC2's instance identity gives: confused-deputy conditions of trust policies use it.
void add_service_source(policy::context& facts, const call& made, const assume_role_facts& more) {
    facts.set("aws:SourceAccount", more.account);
    const bool instance = more.session_name.starts_with("i-");
    if (made.by.principal.service.starts_with("ec2.") && instance)
        facts.set("aws:SourceArn", "arn:" + made.options.partition + ":ec2:" + made.region + ":" +
                                       std::string(more.account) + ":instance/" +
                                       std::string(more.session_name));
}

}  // namespace

void add_time_facts(policy::context& facts, base::wall_time now) {
    const auto epoch = std::chrono::floor<base::seconds>(now).time_since_epoch().count();
    facts.set("aws:CurrentTime", base::iso8601(now));
    facts.set("aws:EpochTime", std::to_string(epoch));
}

policy::context caller_facts(const call& made) {
    policy::context facts;
    add_time_facts(facts, made.now);
    if (made.origin.source) facts.set("aws:SourceIp", made.origin.source->text());
    facts.set("aws:SecureTransport", made.origin.secure_transport ? "true" : "false");
    if (!made.user_agent.empty()) facts.set("aws:UserAgent", made.user_agent);
    facts.set("aws:RequestedRegion", made.region);
    add_principal_facts(facts, made.by);
    return facts;
}

void add_principal_facts(policy::context& facts, const caller& by) {
    const bool service = by.principal.kind == type::service;
    facts.set("aws:PrincipalType", principal_type(by.principal.kind));
    facts.set("aws:ViaAWSService", "false");
    facts.set("aws:PrincipalIsAWSService", service ? "true" : "false");
    if (service) {
        facts.set("aws:PrincipalServiceName", by.principal.service);
        facts.set_many("aws:PrincipalServiceNamesList", {by.principal.service});
        return;
    }
    facts.set("aws:userid", by.user_id);
    // Policies name the role, not one of its sessions.
    facts.set("aws:PrincipalArn",
              by.principal.kind == type::role_session ? by.principal.role_arn : by.principal.arn);
    facts.set("aws:PrincipalAccount", by.principal.account);
    if (by.principal.kind == type::user) facts.set("aws:username", by.user->name);
    add_principal_tags(facts, by);
    if (by.through) {
        facts.set("aws:TokenIssueTime", base::iso8601(by.through->issued));
        facts.set("aws:MultiFactorAuthPresent", "false");
        if (!by.through->source_identity.empty())
            facts.set("aws:SourceIdentity", by.through->source_identity);
        if (by.through->kind == session::type::assumed_root) facts.set("aws:AssumedRoot", "true");
    }
}

void add_tag_facts(policy::context& facts, const tag_list& passed) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : passed) {
        facts.set("aws:RequestTag/" + key, value);
        keys.push_back(key);
    }
    facts.set_many("aws:TagKeys", keys);
}

void add_facts(policy::context& facts, const call& made, const assume_role_facts& more) {
    facts.set("aws:ResourceAccount", more.account);
    const auto resource_tag = [&](const std::string& key, const std::string& value) {
        facts.set("aws:ResourceTag/" + key, value);
        facts.set("iam:ResourceTag/" + key, value);
    };
    if (more.role != nullptr) {
        for (const auto& [key, value] : more.role->tags)
            resource_tag(key, value);
    }
    // Inherited transitive tags stand in for the role's own tags of the same name.
    if (more.inherited_tags != nullptr) {
        for (const session_tag& tag : *more.inherited_tags)
            resource_tag(tag.key, tag.value);
    }
    facts.set("sts:RoleSessionName", more.session_name);
    if (more.external_id != nullptr) facts.set("sts:ExternalId", *more.external_id);
    if (!more.source_identity.empty()) facts.set("sts:SourceIdentity", more.source_identity);
    if (more.passed_tags != nullptr) add_tag_facts(facts, *more.passed_tags);
    facts.set_many("sts:TransitiveTagKeys", more.transitive_tag_keys);
    if (made.by.principal.kind == type::service) add_service_source(facts, made, more);
}

}  // namespace sts
