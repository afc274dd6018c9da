#include "sts/caller_policies.hpp"

#include "sts/wire_error.hpp"

namespace sts {

namespace {

/// What a root may do, for those whom it vouches for.
const policy::document& everything() {
    static const policy::document out = policy::document::parse(
                                            R"({"Version":"2012-10-17",
                "Statement":[{"Sid":"Root","Effect":"Allow","Action":"*","Resource":"*"}]})",
                                            policy::document_kind::identity)
                                            .value();
    return out;
}

}  // namespace

base::result<void> caller_policies::add_session_arns(const call& made) {
    const session& through = *made.by.through;
    // A task policy only denies: it takes away from what a root has anyway.
    const bool task = through.kind == session::type::assumed_root;
    for (const std::string& arn : through.policy_arns) {
        managed_policy found = made.principals.find_managed_policy(arn);
        // Deleted since: it allows nothing any more.
        const policy::document* text = found == nullptr ? nullptr : &found->document;
        // Without its task policy a root could do everything.
        if (task && text == nullptr)
            return wire_error("InternalFailure", "A session's task policy does not exist");
        (task ? identity_ : session_).push_back({arn, text});
        if (found != nullptr) held_.push_back(std::move(found));
    }
    narrowed_ = !task && (inline_ != nullptr || !through.policy_arns.empty());
    return {};
}

/// IAM lets none be deleted while it is attached; a file may stop to define one, though, and one
/// may not be readable any more. It may have denied.
base::result<void> caller_policies::add_managed(const call& made,
                                                const std::vector<std::string>& arns) {
    for (const std::string& arn : arns) {
        managed_policy found = made.principals.find_managed_policy(arn);
        if (found == nullptr)
            return wire_error("InternalFailure", "An attached managed policy does not exist");
        identity_.push_back({found->arn, &found->document});
        held_.push_back(std::move(found));
    }
    return {};
}

base::result<void> caller_policies::add_identity(const call& made) {
    const caller& by = made.by;
    for (const named_policy& p : by.policies())
        identity_.push_back({p.name, &p.document});
    if (auto added = add_managed(made, by.managed_policies()); !added) return added;
    if (by.user != nullptr) {
        for (const std::string& name : by.user->groups) {
            auto group = made.principals.find_group(by.user->account, name);
            // A group may deny: without it the user could do more.
            if (group == nullptr)
                return wire_error("InternalFailure", "A group of the user does not exist");
            for (const named_policy& p : group->policies)
                identity_.push_back({p.name, &p.document});
            if (auto added = add_managed(made, group->managed_policies); !added) return added;
            groups_.push_back(std::move(group));
        }
    }
    if (by.boundary().empty()) return {};
    managed_policy boundary = made.principals.find_managed_policy(by.boundary());
    if (boundary == nullptr)
        return wire_error("InternalFailure", "The permissions boundary does not exist");
    boundary_ = policy::attached{boundary->arn, &boundary->document};
    held_.push_back(std::move(boundary));
    return {};
}

base::result<caller_policies> caller_policies::of(const call& made) {
    caller_policies out;
    const caller& by = made.by;
    if (auto added = out.add_identity(made); !added) return added.error();
    if (!by.through) return out;
    if (by.through->kind == session::type::federated_user && by.user == nullptr)
        out.identity_.push_back({"root", &everything()});
    if (!by.through->policy.empty()) {
        auto parsed = policy::document::parse(by.through->policy, policy::document_kind::session);
        if (!parsed)
            return wire_error("InternalFailure", "A session carries a policy that is not readable");
        out.inline_ = std::make_unique<policy::document>(std::move(*parsed));
        out.session_.push_back({{}, out.inline_.get()});
    }
    if (auto added = out.add_session_arns(made); !added) return added.error();
    return out;
}

void caller_policies::fill(policy::question& asked) const {
    asked.identity = identity_;
    asked.boundary = boundary_;
    if (narrowed_) asked.session = policy::policy_list(session_);
}

}  // namespace sts
