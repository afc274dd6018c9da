#include <algorithm>

#include "aws/arn.hpp"
#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/query/constraints.hpp"
#include "sts/request_facts.hpp"
#include "sts/session/start_session.hpp"
#include "sts/task_policies.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::string_view action = "sts:AssumeRoot";
constexpr std::int64_t longest_task = 900;

struct input {
    std::optional<std::string> target, task_policy_arn;
    std::optional<std::int64_t> duration;
};

/// One AssumeRoot on its way through the checks.
class root_assumption {
public:
    root_assumption(const call& made, input in, audit_record::record& record)
        : made_(made), in_(std::move(in)), record_(record) {}

    action_result run();
    /// The member account, once the decision was for it.
    const std::string& account() const { return decided_; }

private:
    base::result<void> check_model() const;
    base::result<void> find_target();
    base::result<void> check_caller() const;
    base::result<void> authorize();
    base::result<void> check_member();
    base::error denied() const { return access_denied(made_.by, action, arn_); }
    action_result issue();

    const call& made_;
    const input in_;
    audit_record::record& record_;
    std::string account_;
    std::string arn_;
    std::string decided_;
    const task_policy* task_ = nullptr;
};

action_result root_assumption::run() {
    if (auto done = check_model(); !done) return done.error();
    if (auto done = find_target(); !done) return done.error();
    if (auto done = check_caller(); !done) return done.error();
    if (auto done = authorize(); !done) return done.error();
    if (auto done = check_member(); !done) return done.error();
    decided_ = account_;
    return issue();
}

base::result<void> root_assumption::check_model() const {
    constraints c;
    c.required(in_.target, "targetPrincipal");
    c.text(in_.target, "targetPrincipal", {12, 2048}, nullptr);
    c.required(in_.task_policy_arn, "taskPolicyArn");
    c.text(in_.task_policy_arn, "taskPolicyArn.arn", {20, 2048}, &arn_characters);
    c.range(in_.duration, "durationSeconds", 0, longest_task);
    return c.check();
}

base::result<void> root_assumption::find_target() {
    const std::string& partition = made_.options.partition;
    account_ = *in_.target;
    if (!aws::is_account_id(account_)) {
        const auto arn = aws::arn::parse(*in_.target);
        if (!arn || *in_.target != aws::root_arn(partition, arn->account) ||
            !aws::is_account_id(arn->account))
            return wire_error("ValidationError", *in_.target + " is invalid");
        account_ = arn->account;
    }
    arn_ = aws::root_arn(partition, account_);
    task_ = find_task_policy(partition, *in_.task_policy_arn);
    if (task_ == nullptr)
        return wire_error("ValidationError",
                          "Request must contain valid AWS managed task policy ARN");
    return {};
}

/// Users with their own keys and role sessions of the accounts that manage the organization.
base::result<void> root_assumption::check_caller() const {
    const caller& by = made_.by;
    const bool user = by.principal.kind == policy::principal::type::user && !by.through;
    const bool role = by.principal.kind == policy::principal::type::role_session;
    if (!user && !role) return denied();
    const organization* of = made_.principals.find_organization();
    if (of == nullptr) return denied();
    const auto& delegated = of->delegated_administrators;
    const bool manages =
        by.principal.account == of->management_account ||
        std::find(delegated.begin(), delegated.end(), by.principal.account) != delegated.end();
    if (!manages) return denied();
    return {};
}

base::result<void> root_assumption::authorize() {
    policy::context facts = caller_facts(made_);
    facts.set("aws:ResourceAccount", account_);
    facts.set("sts:TaskPolicyArn", *in_.task_policy_arn);
    auto decision = authorization_check::of_resource(made_, arn_);
    if (!decision) return decision.error();
    const auto allowed = decision->allow(action, facts);
    decision->tell(record_.additional);
    return allowed;
}

/// The target has no say; that it is a member and what the organization has enabled decide. From
/// outside, all of these look alike.
base::result<void> root_assumption::check_member() {
    const organization& of = *made_.principals.find_organization();
    const bool enabled = task_->needs == task_policy::feature::root_sessions
                             ? of.root_sessions
                             : of.root_credentials_management;
    std::string_view why;
    if (!made_.principals.has_account(account_)) {
        why = "the target is no member of the organization";
    } else if (account_ == of.management_account) {
        why = "the target is the management account";
    } else if (!enabled) {
        why = task_->needs == task_policy::feature::root_sessions
                  ? "root_sessions is not enabled"
                  : "root_credentials_management is not enabled";
    }
    if (why.empty()) return {};
    record_.additional["refusedBecause"] = why;
    return denied();
}

action_result root_assumption::issue() {
    session facts;
    facts.kind = session::type::assumed_root;
    facts.account = account_;
    facts.principal_id = account_;
    facts.policy_arns = {*in_.task_policy_arn};
    if (made_.by.through) facts.source_identity = made_.by.through->source_identity;
    const std::string source_identity = facts.source_identity;
    const base::seconds duration(in_.duration.value_or(longest_task));
    const aws::credentials issued = start_session(made_, std::move(facts), duration, record_);

    record_.response_elements["credentials"] = shown_credentials(issued);
    std::vector<result_node> out{shown(issued)};
    if (!source_identity.empty()) {
        record_.response_elements["sourceIdentity"] = source_identity;
        out.push_back(result_node::text("SourceIdentity", source_identity));
    }
    return out;
}

}  // namespace

action_result assume_root(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "AssumeRoot");
    input in;
    in.target = given.text("TargetPrincipal");
    in.task_policy_arn = given.text("TaskPolicyArn.arn");
    const auto duration = given.integer("DurationSeconds");
    if (!duration) return conclude(made, std::move(record), duration.error());
    in.duration = *duration;
    put(record.request_parameters, "targetPrincipal", in.target);
    put(record.request_parameters, "durationSeconds", in.duration);
    if (in.task_policy_arn) {
        boost::json::object task;
        put(task, "arn", in.task_policy_arn);
        record.request_parameters["taskPolicyArn"] = std::move(task);
    }
    root_assumption attempt(made, std::move(in), record);
    action_result outcome = attempt.run();
    if (outcome && attempt.account() != made.by.principal.account) {
        if (auto kept = promise_to_both(made, record, attempt.account()); !kept)
            return kept.error();
        return outcome;
    }
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
