#include <algorithm>

#include "iam/operations/policy_holder.hpp"
#include "iam/operations/policy_text.hpp"
#include "policy/document.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

template <class Policies>
auto find_policy(Policies& in, std::string_view name) {
    return std::find_if(in.begin(), in.end(), [&](const auto& one) { return one.first == name; });
}

/// "The user policy with name p cannot be found."
template <class Entity>
base::error no_such_policy(std::string_view name) {
    return no_such(std::string(holder_words<Entity>::noun) + " policy", name);
}

/// The name of the holder and of its policy, as all of these have them.
template <class Entity>
struct named_policy_input {
    explicit named_policy_input(operation_call& call)
        : holder(call.given.text(holder_words<Entity>::parameter)),
          policy(call.given.text("PolicyName")) {
        sts::put(call.record.request_parameters, holder_words<Entity>::member, holder);
        sts::put(call.record.request_parameters, "policyName", policy);
    }
    void check(sts::constraints& c) const {
        require_name(c, holder, holder_words<Entity>::member, holder_words<Entity>::longest_name);
        require_name(c, policy, "policyName", long_name_characters);
    }
    std::optional<std::string> holder, policy;
};

/// "You can add as many inline policies as you want, but their total aggregate size cannot exceed
/// the quotas"; white space does not count (IAM User Guide, "IAM and AWS STS quotas").
template <class Entity>
base::result<void> check_size(const Entity& with) {
    using words = holder_words<Entity>;
    std::size_t size = 0;
    for (const auto& [name, text] : with.policies)
        size += policy_size(text);
    if (size <= words::inline_characters) return {};
    return sts::wire_error("LimitExceeded",
                           "Maximum policy size of " + std::to_string(words::inline_characters) +
                               " bytes exceeded for " + std::string(words::noun) + " " + with.name);
}

template <class Entity>
operation_result put_policy(operation_call& call, std::string_view action) {
    const named_policy_input<Entity> input(call);
    const auto document = call.given.text("PolicyDocument");
    sts::put(call.record.request_parameters, "policyDocument", document);
    sts::constraints c;
    input.check(c);
    require_policy_document(c, document);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *input.holder);
    if (const auto may = holder.enter_to_change(call, action); !may) return may.error();
    Entity made = *holder;
    const auto found = find_policy(made.policies, *input.policy);
    if (found == made.policies.end()) {
        made.policies.emplace_back(*input.policy, *document);
    } else {
        found->second = *document;
    }
    if (const auto good = check_size(made); !good) return good.error();
    const auto parsed = policy::document::parse(*document, policy::document_kind::identity);
    if (!parsed) return parsed.error();
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

template <class Entity>
operation_result get_policy(operation_call& call, std::string_view action) {
    const named_policy_input<Entity> input(call);
    sts::constraints c;
    input.check(c);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *input.holder);
    if (const auto may = holder.enter(call, action); !may) return may.error();
    const auto found = find_policy(holder->policies, *input.policy);
    if (found == holder->policies.end()) return no_such_policy<Entity>(*input.policy);
    operation_outcome out;
    out.answer = {
        result_node::text(holder_words<Entity>::parameter, holder->name),
        result_node::text("PolicyName", found->first),
        shown_policy("PolicyDocument", found->second),
    };
    return out;
}

template <class Entity>
operation_result delete_policy(operation_call& call, std::string_view action) {
    const named_policy_input<Entity> input(call);
    sts::constraints c;
    input.check(c);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *input.holder);
    if (const auto may = holder.enter_to_change(call, action); !may) return may.error();
    Entity made = *holder;
    const auto found = find_policy(made.policies, *input.policy);
    if (found == made.policies.end()) return no_such_policy<Entity>(*input.policy);
    made.policies.erase(found);
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

template <class Entity>
operation_result list_policies(operation_call& call, std::string_view action) {
    const auto name = call.given.text(holder_words<Entity>::parameter);
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, holder_words<Entity>::member, name);
    sts::constraints c;
    require_name(c, name, holder_words<Entity>::member, holder_words<Entity>::longest_name);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *name);
    if (const auto may = holder.enter(call, action); !may) return may.error();
    page_collector<std::string_view> found(*wanted);
    for (const auto& [policy_name, text] : holder->policies)
        found.offer(policy_name, policy_name);
    operation_outcome out;
    add_list(out.answer, "PolicyNames", found,
             [](std::string_view each) { return result_node::text("member", each); });
    return out;
}

constexpr operation_row rows[] = {
    writes("PutUserPolicy",
           [](operation_call& call) { return put_policy<user>(call, "iam:PutUserPolicy"); }),
    reads("GetUserPolicy",
          [](operation_call& call) { return get_policy<user>(call, "iam:GetUserPolicy"); }),
    writes("DeleteUserPolicy",
           [](operation_call& call) { return delete_policy<user>(call, "iam:DeleteUserPolicy"); }),
    reads("ListUserPolicies",
          [](operation_call& call) { return list_policies<user>(call, "iam:ListUserPolicies"); }),
    writes("PutGroupPolicy",
           [](operation_call& call) { return put_policy<group>(call, "iam:PutGroupPolicy"); }),
    reads("GetGroupPolicy",
          [](operation_call& call) { return get_policy<group>(call, "iam:GetGroupPolicy"); }),
    writes(
        "DeleteGroupPolicy",
        [](operation_call& call) { return delete_policy<group>(call, "iam:DeleteGroupPolicy"); }),
    reads("ListGroupPolicies",
          [](operation_call& call) { return list_policies<group>(call, "iam:ListGroupPolicies"); }),
    writes("PutRolePolicy",
           [](operation_call& call) { return put_policy<role>(call, "iam:PutRolePolicy"); }),
    reads("GetRolePolicy",
          [](operation_call& call) { return get_policy<role>(call, "iam:GetRolePolicy"); }),
    writes("DeleteRolePolicy",
           [](operation_call& call) { return delete_policy<role>(call, "iam:DeleteRolePolicy"); }),
    reads("ListRolePolicies",
          [](operation_call& call) { return list_policies<role>(call, "iam:ListRolePolicies"); }),
};

}  // namespace

std::span<const operation_row> inline_policy_operations() {
    return rows;
}

}  // namespace iam
