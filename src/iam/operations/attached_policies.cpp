#include <algorithm>

#include "iam/operations/attachable.hpp"
#include "iam/operations/policy_holder.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

template <class Entity>
struct attachment_input {
    explicit attachment_input(operation_call& call)
        : holder(call.given.text(holder_words<Entity>::parameter)),
          arn(call.given.text("PolicyArn")) {
        sts::put(call.record.request_parameters, holder_words<Entity>::member, holder);
        sts::put(call.record.request_parameters, "policyArn", arn);
    }
    base::result<void> check() const {
        sts::constraints c;
        require_name(c, holder, holder_words<Entity>::member, holder_words<Entity>::longest_name);
        require_arn(c, arn, "policyArn");
        return c.check();
    }
    std::optional<std::string> holder, arn;
};

template <class Entity>
operation_result attach(operation_call& call, std::string_view action) {
    using words = holder_words<Entity>;
    const attachment_input<Entity> input(call);
    if (const auto done = input.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *input.holder);
    if (const auto may = holder.enter_to_change(call, action, *input.arn); !may) return may.error();
    if (const auto good = check_attachable(call, *input.arn); !good) return good.error();
    Entity made = *holder;
    operation_outcome out;
    // Once more is no change.
    if (std::find(made.attached.begin(), made.attached.end(), *input.arn) != made.attached.end())
        return out;
    if (made.attached.size() >= most_attached_policies)
        return sts::wire_error("LimitExceeded", "Cannot exceed quota for " +
                                                    std::string(words::attachment_quota) + ": " +
                                                    std::to_string(most_attached_policies));
    made.attached.push_back(*input.arn);
    out.changes.push_back(put(std::move(made)));
    return out;
}

template <class Entity>
operation_result detach(operation_call& call, std::string_view action) {
    const attachment_input<Entity> input(call);
    if (const auto done = input.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *input.holder);
    if (const auto may = holder.enter_to_change(call, action, *input.arn); !may) return may.error();
    Entity made = *holder;
    if (std::erase(made.attached, *input.arn) == 0)
        return sts::wire_error("NoSuchEntity", "Policy " + *input.arn + " was not found.");
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

template <class Entity>
operation_result list_attached(operation_call& call, std::string_view action) {
    using words = holder_words<Entity>;
    const auto name = call.given.text(words::parameter);
    const auto prefix = call.given.text("PathPrefix");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, words::member, name);
    sts::put(call.record.request_parameters, "pathPrefix", prefix);
    sts::constraints c;
    require_name(c, name, words::member, words::longest_name);
    check_policy_path(c, prefix);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<Entity> holder(call, *name);
    if (const auto may = holder.enter(call, action); !may) return may.error();
    page_collector<const std::string*> found(*wanted);
    for (const std::string& arn : holder->attached) {
        // The account's own and the provider's may have one name.
        if (path_of_policy(arn).starts_with(prefix.value_or("/")))
            found.offer(std::string(name_of_policy(arn)) + " " + arn, &arn);
    }
    operation_outcome out;
    add_list(out.answer, "AttachedPolicies", found, [](const std::string* arn) {
        return result_node::group("member", {result_node::text("PolicyName", name_of_policy(*arn)),
                                             result_node::text("PolicyArn", *arn)});
    });
    return out;
}

constexpr operation_row rows[] = {
    writes("AttachUserPolicy",
           [](operation_call& call) { return attach<user>(call, "iam:AttachUserPolicy"); }),
    writes("DetachUserPolicy",
           [](operation_call& call) { return detach<user>(call, "iam:DetachUserPolicy"); }),
    reads("ListAttachedUserPolicies",
          [](operation_call& call) {
              return list_attached<user>(call, "iam:ListAttachedUserPolicies");
          }),
    writes("AttachGroupPolicy",
           [](operation_call& call) { return attach<group>(call, "iam:AttachGroupPolicy"); }),
    writes("DetachGroupPolicy",
           [](operation_call& call) { return detach<group>(call, "iam:DetachGroupPolicy"); }),
    reads("ListAttachedGroupPolicies",
          [](operation_call& call) {
              return list_attached<group>(call, "iam:ListAttachedGroupPolicies");
          }),
    writes("AttachRolePolicy",
           [](operation_call& call) { return attach<role>(call, "iam:AttachRolePolicy"); }),
    writes("DetachRolePolicy",
           [](operation_call& call) { return detach<role>(call, "iam:DetachRolePolicy"); }),
    reads("ListAttachedRolePolicies",
          [](operation_call& call) {
              return list_attached<role>(call, "iam:ListAttachedRolePolicies");
          }),
};

}  // namespace

std::span<const operation_row> attached_policy_operations() {
    return rows;
}

}  // namespace iam
