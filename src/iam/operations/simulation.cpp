#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <boost/json/stream_parser.hpp>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "encoding/json_positions.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/simulation_input.hpp"
#include "iam/operations/simulation_source.hpp"
#include "policy/explain.hpp"
#include "policy/unicode.hpp"
#include "sts/audit.hpp"
#include "sts/request_facts.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using policy::policy_type;
using sts::result_node;

std::string_view decision_text(policy::effect outcome) {
    switch (outcome) {
        case policy::effect::allow:
            return "allowed";
        case policy::effect::explicit_deny:
            return "explicitDeny";
        case policy::effect::implicit_deny:
            break;
    }
    return "implicitDeny";
}

result_node shown_position(std::string_view name, std::string_view text, std::size_t offset) {
    const auto at = encoding::position_of(text, offset);
    return result_node::group(
        name, {result_node::number("Line", at.line), result_node::number("Column", at.column)});
}

/// Where the statements of a policy stand: the places of the first character of each, and behind
/// its last.
struct statement_place {
    std::size_t start = 0, end = 0;
};
std::vector<statement_place> places_in(std::string_view text) {
    std::vector<statement_place> out;
    // A statement that is alone need not be in an array: the way then ends one step earlier.
    auto start = encoding::locate_json(text, {"Statement", "0"});
    while (start) {
        boost::json::stream_parser parser;
        boost::json::error_code failed;
        const std::size_t size = parser.write_some(text.substr(*start), failed);
        if (failed || size == 0) break;
        out.push_back({*start, *start + size});
        // The next element of an array follows behind a comma.
        constexpr std::string_view white_space = " \t\r\n";
        auto next = text.find_first_not_of(white_space, out.back().end);
        if (next == std::string_view::npos || text[next] != ',') break;
        next = text.find_first_not_of(white_space, next + 1);
        if (next == std::string_view::npos || text[next] != '{') break;
        start = next;
    }
    return out;
}

/// Who makes the calls that are simulated, in the terms of the engine.
policy::principal principal_of_user(const operation_call& call, const std::string& arn) {
    policy::principal out;
    out.kind = policy::principal::type::user;
    out.arn = arn;
    const auto parts = aws::arn::parse(arn);
    out.account = parts ? parts->account : call.account;
    out.unique_id = call.now.id_of_arn(arn);
    return out;
}
policy::principal principal_of_role(const operation_call& call, const role& one) {
    policy::principal out;
    out.kind = policy::principal::type::role_session;
    out.account = one.account;
    out.role_arn = call.now.arn_of(one);
    out.arn = aws::assumed_role_arn(call.now.partition(), one.account, one.name, "*");
    out.unique_id = one.unique_id;
    return out;
}

/// What every call has; the context entries of the request come on top.
void add_principal_facts(policy::context& facts, const policy::principal& by,
                         const sts::tag_list* tags) {
    const bool is_role = by.kind == policy::principal::type::role_session;
    facts.set("aws:PrincipalType", is_role ? "AssumedRole" : "User");
    facts.set("aws:PrincipalIsAWSService", "false");
    facts.set("aws:PrincipalAccount", by.account);
    if (by.arn.empty()) return;
    facts.set("aws:PrincipalArn", is_role ? by.role_arn : by.arn);
    if (!is_role) {
        facts.set("aws:username", std::string_view(by.arn).substr(by.arn.rfind('/') + 1));
        if (!by.unique_id.empty()) facts.set("aws:userid", by.unique_id);
    }
    if (tags == nullptr) return;
    for (const auto& [key, value] : *tags)
        facts.set("aws:PrincipalTag/" + key, value);
}

class simulation {
public:
    simulation(const operation_call& call, const simulation_input& input,
               const simulated_policies& policies, policy::principal by, const sts::tag_list* tags)
        : input_(input), policies_(policies), by_(std::move(by)) {
        sts::add_time_facts(facts_, call.made.now);
        add_principal_facts(facts_, by_, tags);
        owner_ = input.resource_owner.empty() ? by_.account : input.resource_owner;
        facts_.set("aws:ResourceAccount", owner_);
        for (const auto& entry : input.context) {
            if (entry.many) {
                facts_.set_many(entry.key, entry.values);
            } else {
                facts_.set(entry.key, entry.values.front());
            }
        }
    }

    /// What one result costs at most, in comparisons of characters: any policy may be one pattern
    /// for the longest text.
    std::size_t cost() const {
        constexpr std::size_t least_text = 16;
        std::size_t texts = least_text;
        for (const std::string& one : input_.resources)
            texts = std::max(texts, one.size());
        for (const auto& entry : input_.context) {
            for (const std::string& value : entry.values)
                texts += value.size();
        }
        return policies_.bytes() * texts;
    }
    /// Of the results so far.
    std::size_t statements_shown() const { return statements_shown_; }

    std::size_t size() const { return input_.actions.size() * input_.resources.size(); }

    /// One action on one resource; `index` counts through the resources of each action.
    result_node result(std::size_t index) {
        const std::string& action = input_.actions[index / input_.resources.size()];
        const std::string& resource = input_.resources[index % input_.resources.size()];
        policy::question asked{action, resource, owner_, by_, facts_};
        policies_.fill(asked);
        const policy::authorization decided = policy::authorize(asked);
        std::vector<result_node> matched;
        std::set<std::string> missing;
        std::map<std::pair<policy_type, std::string>, std::size_t> indices;
        for (const policy::statement_report& one : policy::explain(asked)) {
            const std::size_t place = indices[{one.type, one.policy}]++;
            if (!one.principal_matches || !one.action_matches || !one.resource_matches) continue;
            for (const policy::condition_report& c : one.conditions) {
                if (!c.present) missing.insert(c.key);
            }
            if (one.applies) matched.push_back(shown_statement(one, place));
        }
        std::vector<result_node> out{
            result_node::text("EvalActionName", action),
            result_node::text("EvalResourceName", resource),
            result_node::text("EvalDecision", decision_text(decided.outcome)),
            result_node::list("MatchedStatements", std::move(matched))};
        std::vector<result_node> keys;
        for (const std::string& key : missing)
            keys.push_back(result_node::text("member", key));
        out.push_back(result_node::list("MissingContextValues", std::move(keys)));
        if (policies_.bounded()) {
            const bool allowed = decided.of(policy_type::boundary).outcome == policy::effect::allow;
            out.push_back(result_node::group(
                "PermissionsBoundaryDecisionDetail",
                {result_node::text("AllowedByPermissionsBoundary", allowed ? "true" : "false")}));
        }
        return result_node::group("member", std::move(out));
    }

private:
    result_node shown_statement(const policy::statement_report& one, std::size_t place) {
        ++statements_shown_;
        std::vector<result_node> out{result_node::text("SourcePolicyId", one.policy)};
        if (const auto* from = policies_.find(one.type, one.policy)) {
            out.push_back(result_node::text("SourcePolicyType", from->type));
            auto known = places_.find(from);
            if (known == places_.end()) known = places_.emplace(from, places_in(from->text)).first;
            if (place < known->second.size()) {
                const statement_place& at = known->second[place];
                out.push_back(shown_position("StartPosition", from->text, at.start));
                out.push_back(shown_position("EndPosition", from->text, at.end));
            }
        }
        return result_node::group("member", std::move(out));
    }

    const simulation_input& input_;
    const simulated_policies& policies_;
    policy::principal by_;
    policy::context facts_;
    std::string owner_;
    std::map<const simulated_policies::source*, std::vector<statement_place>> places_;
    std::size_t statements_shown_ = 0;
};

/// As on AWS, a page may hold fewer results than were asked for. What a page costs and how long it
/// gets is bounded: some 100 milliseconds, and a megabyte or two.
constexpr std::size_t most_work_of_page = 100'000'000;
constexpr std::size_t most_work_of_result = 500'000'000;
constexpr std::size_t most_statements_of_page = 4'000;

/// Only what the page shows is evaluated.
operation_result page_of(simulation all, const page& wanted) {
    std::size_t next = 0;
    if (!wanted.after.empty()) {
        const char* end = wanted.after.data() + wanted.after.size();
        const auto [stop, failed] = std::from_chars(wanted.after.data(), end, next);
        if (failed != std::errc{} || stop != end || next >= all.size())
            return sts::wire_error("ValidationError",
                                   "Invalid Marker: it is none that was given out.");
    }
    const std::size_t cost = all.cost();
    if (cost > most_work_of_result)
        return sts::wire_error("InvalidInput",
                               "The policies, resources and context entries are too large to be "
                               "simulated together.");
    const std::size_t most =
        std::clamp<std::size_t>(most_work_of_page / std::max<std::size_t>(cost, 1), 1, wanted.most);
    std::vector<result_node> results;
    for (; next < all.size() && results.size() < most &&
           all.statements_shown() < most_statements_of_page;
         ++next)
        results.push_back(all.result(next));
    operation_outcome out;
    out.answer.push_back(result_node::list("EvaluationResults", std::move(results)));
    add_paging(out.answer, next < all.size(), std::to_string(next));
    return out;
}

base::result<void> add_optional(const simulation_input& input, const directory& among,
                                simulated_policies& to) {
    if (const auto good = add_policies(input.policies, to); !good) return good;
    if (!input.boundaries.texts.empty()) {
        const auto good = to.set_boundary("PermissionsBoundaryPolicyInputList.1", "none",
                                          *input.boundaries.texts.front());
        if (!good) return good;
    }
    if (!input.resource_policy) return {};
    return to.set_resource(*input.resource_policy, among);
}

operation_result simulate_custom_policy(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto input = simulation_input::read(call, false);
    if (!input) return input.error();
    if (const auto may = authorize(call, "iam:SimulateCustomPolicy", "*"); !may) return may.error();
    simulated_policies policies;
    if (const auto good = add_optional(*input, call.now, policies); !good) return good.error();
    policy::principal by = principal_of_user(call, input->caller_arn);
    return page_of(simulation(call, *input, policies, std::move(by), nullptr), *wanted);
}

operation_result simulate_principal_policy(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto input = simulation_input::read(call, true);
    if (!input) return input.error();
    const auto source = find_source(call, "iam:SimulatePrincipalPolicy", input->source_arn);
    if (!source) return source.error();
    if (input->resource_policy && source->of_user == nullptr && input->caller_arn.empty())
        return sts::wire_error("InvalidInput",
                               "CallerArn is required with a ResourcePolicy, unless the "
                               "PolicySourceArn is that of a user.");
    simulated_policies policies;
    if (const auto good = add_policies(*source, call.now, policies); !good) return good.error();
    if (const auto good = add_optional(*input, call.now, policies); !good) return good.error();
    const sts::tag_list* tags = nullptr;
    policy::principal by;
    if (!input->caller_arn.empty()) {
        by = principal_of_user(call, input->caller_arn);
    } else if (source->of_role != nullptr) {
        by = principal_of_role(call, *source->of_role);
        tags = &source->of_role->tags;
    } else {
        by = principal_of_user(call, source->of_user == nullptr ? std::string() : source->arn);
        if (source->of_user != nullptr) tags = &source->of_user->tags;
    }
    return page_of(simulation(call, *input, policies, std::move(by), tags), *wanted);
}

operation_result shown_keys(const simulated_policies& policies) {
    std::vector<result_node> keys;
    for (const std::string& key : policies.context_keys())
        keys.push_back(result_node::text("member", key));
    operation_outcome out;
    out.answer.push_back(result_node::list("ContextKeyNames", std::move(keys)));
    return out;
}

operation_result get_context_keys_for_custom_policy(operation_call& call) {
    const auto texts = policy_texts::read(call, "PolicyInputList");
    if (!texts) return texts.error();
    put_count(call.record.request_parameters, "policyInputList", texts->texts.size());
    sts::constraints c;
    if (texts->texts.empty()) c.required(std::nullopt, "policyInputList");
    texts->check(c, "policyInputList");
    if (const auto done = c.check(); !done) return done.error();
    if (const auto may = authorize(call, "iam:GetContextKeysForCustomPolicy", "*"); !may)
        return may.error();
    simulated_policies policies;
    if (const auto good = add_policies(*texts, policies); !good) return good.error();
    return shown_keys(policies);
}

operation_result get_context_keys_for_principal_policy(operation_call& call) {
    const auto arn = call.given.text("PolicySourceArn");
    const auto texts = policy_texts::read(call, "PolicyInputList");
    if (!texts) return texts.error();
    sts::put(call.record.request_parameters, "policySourceArn", arn);
    put_count(call.record.request_parameters, "policyInputList", texts->texts.size());
    sts::constraints c;
    require_arn(c, arn, "policySourceArn");
    texts->check(c, "policyInputList");
    if (const auto done = c.check(); !done) return done.error();
    const auto source = find_source(call, "iam:GetContextKeysForPrincipalPolicy", *arn);
    if (!source) return source.error();
    simulated_policies policies;
    if (const auto good = add_policies(*source, call.now, policies); !good) return good.error();
    if (const auto good = add_policies(*texts, policies); !good) return good.error();
    return shown_keys(policies);
}

constexpr operation_row rows[] = {
    reads("SimulateCustomPolicy", simulate_custom_policy),
    reads("SimulatePrincipalPolicy", simulate_principal_policy),
    reads("GetContextKeysForCustomPolicy", get_context_keys_for_custom_policy),
    reads("GetContextKeysForPrincipalPolicy", get_context_keys_for_principal_policy),
};

}  // namespace

std::span<const operation_row> simulation_operations() {
    return rows;
}

}  // namespace iam
