#include <algorithm>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "encoding/base64.hpp"
#include "policy/unicode.hpp"
#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/query/constraints.hpp"
#include "sts/request_facts.hpp"
#include "sts/session/packed_size.hpp"
#include "sts/session/start_session.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

// Limits of the service model (AssumeRole, API reference).
constexpr std::int64_t shortest_session = 900;
constexpr std::int64_t longest_session = 43'200;
constexpr std::int64_t default_session = 3'600;
/// Sessions that are started from a session.
constexpr std::int64_t longest_chained_session = 3'600;
constexpr std::size_t most_transitive_tags = 50;
constexpr std::size_t most_contexts = 5;
constexpr constraints::length arn_length{20, 2048};
constexpr constraints::length name_length{2, 64};
constexpr constraints::length tag_key_length{1, 128};

base::result<void> check_constraints(const assume_role_input& in) {
    constraints c;
    c.required(in.role_arn, "roleArn");
    c.text(in.role_arn, "roleArn", arn_length, &arn_characters);
    c.required(in.role_session_name, "roleSessionName");
    c.text(in.role_session_name, "roleSessionName", name_length, &name_characters);
    check_model(c, in.policy, in.policy_arns);
    c.range(in.duration, "durationSeconds", shortest_session, longest_session);
    c.text(in.external_id, "externalId", {2, 1224}, &external_id_characters);
    c.text(in.source_identity, "sourceIdentity", name_length, &name_characters);
    check_mfa_model(c, in.serial_number, in.token_code);
    check_model(c, in.tags);
    const auto member = [](const char* list, std::size_t i, const char* name) {
        return std::string(list) + "." + std::to_string(i + 1) + ".member" + name;
    };
    const std::size_t keys =
        c.count(in.transitive_tag_keys.size(), "transitiveTagKeys", most_transitive_tags);
    for (std::size_t i = 0; i < keys; ++i) {
        c.required(in.transitive_tag_keys[i], member("transitiveTagKeys", i, ""));
        c.text(in.transitive_tag_keys[i], member("transitiveTagKeys", i, ""), tag_key_length,
               &tag_key_characters);
    }
    const std::size_t contexts =
        c.count(in.provided_contexts.size(), "providedContexts", most_contexts);
    for (std::size_t i = 0; i < contexts; ++i) {
        c.text(in.provided_contexts[i].provider_arn, member("providedContexts", i, ".providerArn"),
               arn_length, &arn_characters);
        c.text(in.provided_contexts[i].assertion,
               member("providedContexts", i, ".contextAssertion"), {4, 2048}, nullptr);
    }
    return c.check();
}

/// What this issuer does not offer is refused by name: a parameter that narrows or proves something
/// must never be taken and ignored.
base::result<void> check_offered(const assume_role_input& in) {
    if (auto done = check_mfa(in.serial_number, in.token_code); !done) return done.error();
    if (!in.provided_contexts.empty())
        return wire_error("ValidationError",
                          "The context provider " +
                              in.provided_contexts.front().provider_arn.value_or("") +
                              " is not registered with this issuer.");
    return {};
}

/// One AssumeRole on its way through the checks.
class assumption {
public:
    assumption(const call& made, const assume_role_input& input, audit_record::record& record)
        : made_(made), in_(input), record_(record) {}

    base::result<assume_role_output> run();
    /// The assumed role's account, once the decision was for it.
    const std::string& role_account() const { return role_account_; }

private:
    base::result<void> find_role();
    void inherit();
    base::result<void> authorize();
    base::result<void> check_tags();
    base::result<void> check_policy();
    base::result<void> check_duration();
    assume_role_output issue();
    bool is_inherited(std::string_view lower_key) const;

    const call& made_;
    const assume_role_input& in_;
    audit_record::record& record_;

    std::string account_;  // as the ARN has it
    std::shared_ptr<const role_record> role_;
    std::string role_account_;
    tag_list passed_;
    std::vector<session_tag> inherited_;
    std::vector<session_tag> tags_;  // of the new session
    std::string source_identity_;
    session_policies policies_;
    int packed_ = 0;
    base::seconds duration_{default_session};
};

base::result<assume_role_output> assumption::run() {
    if (auto done = check_constraints(in_); !done) return done.error();
    if (auto done = find_role(); !done) return done.error();
    if (made_.by.principal.kind == policy::principal::type::account_root)
        return wire_error("AccessDenied", "Roles may not be assumed by root accounts.");
    if (made_.by.principal.kind == policy::principal::type::federated_user)
        return access_denied(made_.by, "sts:AssumeRole", *in_.role_arn);
    if (auto done = check_offered(in_); !done) return done.error();
    inherit();
    if (auto done = authorize(); !done) return done.error();
    role_account_ = role_->account;
    if (auto done = check_tags(); !done) return done.error();
    if (auto done = check_policy(); !done) return done.error();
    if (auto done = check_duration(); !done) return done.error();
    return issue();
}

base::result<void> assumption::find_role() {
    const auto arn = aws::arn::parse(*in_.role_arn);
    if (!arn) return wire_error("ValidationError", *in_.role_arn + " is invalid");
    account_ = arn->account;
    const auto named = aws::parse_role_arn(*in_.role_arn);
    if (named && named->partition == made_.options.partition)
        role_ = made_.principals.find_role(named->account, named->path, named->name);
    return {};
}

void assumption::inherit() {
    passed_ = tags_of(in_.tags);
    if (made_.by.through) {
        for (const session_tag& tag : made_.by.through->tags) {
            if (tag.transitive) inherited_.push_back(tag);
        }
        source_identity_ = made_.by.through->source_identity;
    }
}

base::result<void> assumption::authorize() {
    const bool other_identity = in_.source_identity && !source_identity_.empty() &&
                                *in_.source_identity != source_identity_;
    if (in_.source_identity) source_identity_ = *in_.source_identity;

    policy::context facts = caller_facts(made_);
    assume_role_facts more;
    more.role_arn = *in_.role_arn;
    more.account = account_;
    more.role = role_.get();
    more.session_name = *in_.role_session_name;
    if (in_.external_id) more.external_id = &*in_.external_id;
    more.source_identity = source_identity_;
    more.passed_tags = &passed_;
    more.inherited_tags = &inherited_;
    for (const session_tag& tag : inherited_)
        more.transitive_tag_keys.push_back(tag.key);
    for (const auto& key : in_.transitive_tag_keys)
        more.transitive_tag_keys.push_back(*key);
    add_facts(facts, made_, more);

    auto decision = authorization_check::of_role(made_, role_.get(), *in_.role_arn, account_);
    if (!decision) return decision.error();
    decision->seen_from_outside_by([&] {
        policy::context outside = caller_facts(made_);
        more.role = nullptr;
        add_facts(outside, made_, more);
        return outside;
    });
    base::result<void> allowed = decision->allow("sts:AssumeRole", facts);
    if (allowed && !(passed_.empty() && inherited_.empty()))
        allowed = decision->allow("sts:TagSession", facts);
    if (allowed && !source_identity_.empty())
        allowed = decision->allow("sts:SetSourceIdentity", facts);
    // Once set, a source identity stays for the whole chain of sessions.
    if (allowed && other_identity)
        allowed = access_denied(made_.by, "sts:SetSourceIdentity", *in_.role_arn);
    decision->tell(record_.additional);
    return allowed;
}

bool assumption::is_inherited(std::string_view lower_key) const {
    return std::any_of(inherited_.begin(), inherited_.end(), [&](const session_tag& tag) {
        return policy::lower_case(tag.key) == lower_key;
    });
}

base::result<void> assumption::check_tags() {
    if (auto done = check_tag_keys(passed_); !done) return done.error();
    std::vector<std::string> keys;
    for (const auto& [key, value] : passed_)
        keys.push_back(policy::lower_case(key));
    std::vector<std::string> transitive;
    for (const auto& key : in_.transitive_tag_keys) {
        transitive.push_back(policy::lower_case(*key));
        if (std::find(keys.begin(), keys.end(), transitive.back()) == keys.end())
            return wire_error(
                "InvalidParameterValue",
                "The specified transitive tag key must be included in the requested tags.");
    }
    tags_ = inherited_;
    for (std::size_t i = 0; i < passed_.size(); ++i) {
        if (is_inherited(keys[i]))
            return wire_error("InvalidParameterValue",
                              "One of the specified transitive tag keys can't be set because it "
                              "conflicts with a transitive tag key from the calling session.");
        const bool stays =
            std::find(transitive.begin(), transitive.end(), keys[i]) != transitive.end();
        tags_.push_back({passed_[i].first, passed_[i].second, stays});
    }
    return {};
}

base::result<void> assumption::check_policy() {
    auto policies = read_session_policies(made_, in_.policy, in_.policy_arns, role_->account);
    if (!policies) return policies.error();
    policies_ = std::move(*policies);
    const auto size = packed_size(tags_, policies_.text, policies_.arns);
    if (!size) return size.error();
    packed_ = *size;
    return {};
}

base::result<void> assumption::check_duration() {
    duration_ = base::seconds(in_.duration.value_or(default_session));
    if (made_.by.through && duration_.count() > longest_chained_session)
        return wire_error("ValidationError",
                          "The requested DurationSeconds exceeds the 1 hour session limit for "
                          "roles assumed by role chaining.");
    if (duration_ > role_->max_session_duration)
        return wire_error(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    return {};
}

assume_role_output assumption::issue() {
    session facts;
    facts.account = role_->account;
    facts.principal_id = role_->unique_id;
    facts.role_path = role_->path;
    facts.role_name = role_->name;
    facts.session_name = *in_.role_session_name;
    facts.source_identity = source_identity_;
    facts.policy = policies_.text;
    facts.policy_arns = policies_.arns;
    facts.tags = tags_;

    assume_role_output out;
    out.credentials = start_session(made_, std::move(facts), duration_, record_);
    out.assumed_role_id = role_->unique_id + ":" + *in_.role_session_name;
    out.arn = aws::assumed_role_arn(made_.options.partition, role_->account, role_->name,
                                    *in_.role_session_name);
    out.packed_policy_size = packed_;
    out.source_identity = source_identity_;
    return out;
}

/// Tags that came along with the caller, as CloudTrail shows them.
void add_caller_tags(const call& made, boost::json::object& parameters) {
    if (!made.by.through) return;
    boost::json::object all, incoming;
    for (const session_tag& tag : made.by.through->tags) {
        all[tag.key] = tag.value;
        if (tag.transitive) incoming[tag.key] = tag.value;
    }
    if (!all.empty()) parameters["principalTags"] = std::move(all);
    if (!incoming.empty()) parameters["incomingTransitiveTags"] = std::move(incoming);
}

}  // namespace

base::result<assume_role_output> assume_role(const call& made, const assume_role_input& input) {
    audit_record::record record = begin_record(made, "AssumeRole");
    record.request_parameters = shown_parameters(input);
    add_caller_tags(made, record.request_parameters);

    assumption attempt(made, input, record);
    auto outcome = attempt.run();
    if (!outcome) {
        set_failure(record, outcome.error());
        if (auto kept = promise(made, std::move(record)); !kept) return kept.error();
        return outcome;
    }
    const std::string& account = attempt.role_account();
    record.response_elements = shown_result(*outcome);
    boost::json::object role;
    role["accountId"] = account;
    role["type"] = "AWS::IAM::Role";
    role["ARN"] = *input.role_arn;
    record.resources.push_back(std::move(role));
    const bool service = made.by.principal.kind == policy::principal::type::service;
    if (service) {
        record.account = account;
    } else if (made.by.principal.account != account) {
        if (auto kept = promise_to_both(made, std::move(record), account); !kept)
            return kept.error();
        return outcome;
    }
    if (auto kept = promise(made, std::move(record)); !kept) return kept.error();
    return outcome;
}

}  // namespace sts
