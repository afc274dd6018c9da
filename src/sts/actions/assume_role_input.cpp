#include "sts/actions/actions.hpp"

namespace sts {

namespace {

std::vector<std::optional<std::string>> texts(const std::vector<parameters::element>& elements) {
    std::vector<std::optional<std::string>> out;
    for (const parameters::element& e : elements)
        out.push_back(e.text(""));
    return out;
}

}  // namespace

base::result<assume_role_input> assume_role_input::read(const parameters& from) {
    assume_role_input out;
    out.role_arn = from.text("RoleArn");
    out.role_session_name = from.text("RoleSessionName");
    out.policy = from.text("Policy");
    out.external_id = from.text("ExternalId");
    out.source_identity = from.text("SourceIdentity");
    out.serial_number = from.text("SerialNumber");
    out.token_code = from.text("TokenCode");
    const auto duration = from.integer("DurationSeconds");
    if (!duration) return duration.error();
    out.duration = *duration;
    auto tags = read_tags(from);
    if (!tags) return tags.error();
    out.tags = std::move(*tags);
    const auto transitive = from.scalars("TransitiveTagKeys");
    if (!transitive) return transitive.error();
    out.transitive_tag_keys = texts(*transitive);
    auto arns = read_policy_arns(from);
    if (!arns) return arns.error();
    out.policy_arns = std::move(*arns);
    const auto contexts = from.structures("ProvidedContexts");
    if (!contexts) return contexts.error();
    for (const parameters::element& e : *contexts)
        out.provided_contexts.push_back({e.text("ProviderArn"), e.text("ContextAssertion")});
    return out;
}

assume_role_input assume_role_input::from(const assume_role_parameters& chosen) {
    assume_role_input out;
    out.role_arn = chosen.role_arn;
    out.role_session_name = chosen.role_session_name;
    out.policy = chosen.policy;
    out.external_id = chosen.external_id;
    out.source_identity = chosen.source_identity;
    if (chosen.duration) out.duration = chosen.duration->count();
    for (const auto& [key, value] : chosen.tags)
        out.tags.push_back({key, value});
    for (const std::string& key : chosen.transitive_tag_keys)
        out.transitive_tag_keys.emplace_back(key);
    return out;
}

std::vector<result_node> assume_role_output::nodes() const {
    std::vector<result_node> out;
    out.push_back(result_node::group(
        "AssumedRoleUser",
        {result_node::text("AssumedRoleId", assumed_role_id), result_node::text("Arn", arn)}));
    out.push_back(shown(credentials));
    if (packed_policy_size > 0)
        out.push_back(result_node::number("PackedPolicySize", packed_policy_size));
    if (!source_identity.empty())
        out.push_back(result_node::text("SourceIdentity", source_identity));
    return out;
}

}  // namespace sts
