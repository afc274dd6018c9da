#include "aws/arn.hpp"
#include "sts/actions/actions.hpp"
#include "sts/actions/caller_rules.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/request_facts.hpp"
#include "sts/session/packed_size.hpp"
#include "sts/session/start_session.hpp"

namespace sts {

namespace {

struct input {
    std::optional<std::string> name, policy;
    passed_texts policy_arns;
    std::optional<std::int64_t> duration;
    std::vector<passed_tag> tags;
};

base::result<input> read(const parameters& from) {
    input out;
    out.name = from.text("Name");
    out.policy = from.text("Policy");
    const auto duration = from.integer("DurationSeconds");
    if (!duration) return duration.error();
    out.duration = *duration;
    auto tags = read_tags(from);
    if (!tags) return tags.error();
    out.tags = std::move(*tags);
    auto arns = read_policy_arns(from);
    if (!arns) return arns.error();
    out.policy_arns = std::move(*arns);
    return out;
}

boost::json::object shown_parameters(const input& in) {
    boost::json::object out;
    put(out, "name", in.name);
    put(out, "durationSeconds", in.duration);
    put(out, "policy", in.policy);
    put_policy_arns(out, in.policy_arns);
    put_tags(out, in.tags);
    return out;
}

base::result<void> check_constraints(const input& in) {
    constraints c;
    c.required(in.name, "name");
    c.text(in.name, "name", {2, 32}, &name_characters);
    check_model(c, in.policy, in.policy_arns);
    c.range(in.duration, "durationSeconds", shortest_token, longest_token);
    check_model(c, in.tags);
    return c.check();
}

base::result<void> authorize(const call& made, const std::string& arn, const tag_list& tags,
                             audit_record::record& record) {
    policy::context facts = caller_facts(made);
    facts.set("aws:ResourceAccount", made.by.principal.account);
    add_tag_facts(facts, tags);
    auto decision = authorization_check::of_resource(made, arn);
    if (!decision) return decision.error();
    base::result<void> allowed = decision->allow("sts:GetFederationToken", facts);
    if (allowed && !tags.empty()) allowed = decision->allow("sts:TagSession", facts);
    decision->tell(record.additional);
    return allowed;
}

action_result attempt(const call& made, const input& in, audit_record::record& record) {
    if (auto done = check_constraints(in); !done) return done.error();
    if (auto done = refuse_sessions(made, "GetFederationToken"); !done) return done.error();
    const std::string& account = made.by.principal.account;
    const std::string arn = aws::federated_user_arn(made.options.partition, account, *in.name);
    const tag_list tags = tags_of(in.tags);
    if (auto done = authorize(made, arn, tags, record); !done) return done.error();
    if (auto done = check_tag_keys(tags); !done) return done.error();
    auto policies = read_session_policies(made, in.policy, in.policy_arns, account);
    if (!policies) return policies.error();

    const bool root = made.by.user == nullptr;
    session facts;
    facts.kind = session::type::federated_user;
    facts.account = account;
    facts.principal_id = made.by.user_id;
    facts.session_name = *in.name;
    if (!root) facts.user_name = made.by.user->name;
    facts.policy = std::move(policies->text);
    facts.policy_arns = std::move(policies->arns);
    for (const auto& [key, value] : tags)
        facts.tags.push_back({key, value, false});
    const auto packed = packed_size(facts.tags, facts.policy, facts.policy_arns);
    if (!packed) return packed.error();

    const aws::credentials issued =
        start_session(made, std::move(facts), token_duration(in.duration, root), record);
    const std::string id = account + ":" + *in.name;
    record.response_elements["credentials"] = shown_credentials(issued);
    record.response_elements["federatedUser"] = {{"federatedUserId", id}, {"arn", arn}};
    record.response_elements["packedPolicySize"] = *packed;
    return std::vector<result_node>{
        shown(issued),
        result_node::group("FederatedUser", {result_node::text("FederatedUserId", id),
                                             result_node::text("Arn", arn)}),
        result_node::number("PackedPolicySize", *packed)};
}

}  // namespace

action_result get_federation_token(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "GetFederationToken");
    record.read_only = false;
    const auto in = read(given);
    if (!in) return conclude(made, std::move(record), in.error());
    record.request_parameters = shown_parameters(*in);
    action_result outcome = attempt(made, *in, record);
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
