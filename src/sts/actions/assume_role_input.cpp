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
    const auto tags = from.structures("Tags");
    if (!tags) return tags.error();
    for (const parameters::element& e : *tags)
        out.tags.push_back({e.text("Key"), e.text("Value")});
    const auto transitive = from.scalars("TransitiveTagKeys");
    if (!transitive) return transitive.error();
    out.transitive_tag_keys = texts(*transitive);
    const auto arns = from.structures("PolicyArns");
    if (!arns) return arns.error();
    for (const parameters::element& e : *arns)
        out.policy_arns.push_back(e.text("arn"));
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
    out.push_back(result_node::group(
        "Credentials",
        {result_node::text("AccessKeyId", credentials.access_key_id),
         result_node::text("SecretAccessKey", credentials.secret_access_key.reveal()),
         result_node::text("SessionToken", credentials.session_token.reveal()),
         result_node::time("Expiration", credentials.expiration)}));
    if (packed_policy_size > 0)
        out.push_back(result_node::number("PackedPolicySize", packed_policy_size));
    if (!source_identity.empty())
        out.push_back(result_node::text("SourceIdentity", source_identity));
    return out;
}

}  // namespace sts
