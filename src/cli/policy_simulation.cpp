#include "cli/policy_simulation.hpp"

#include <list>

#include <boost/json/array.hpp>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "cli/policy_files.hpp"
#include "cli/text.hpp"
#include "encoding/json.hpp"
#include "policy/explain.hpp"
#include "policy/unicode.hpp"

namespace cli {

namespace {

namespace json = boost::json;
using policy::document_kind;
using type = policy::principal::type;

/// The caller that a text names: an ARN of IAM or STS, a service, or "anonymous".
std::optional<policy::principal> caller_from(const std::string& text) {
    policy::principal out;
    if (text == "anonymous") return out;
    const auto arn = aws::arn::parse(text);
    if (!arn) {
        if (!policy::principal_element::parse("Service", text)) return std::nullopt;
        out.kind = type::service;
        out.service = text;
        return out;
    }
    if (policy::principal_element::parse("Federated", text)) {
        out.kind = type::federated;
        out.account = arn->account;
        out.provider = text;
        return out;
    }
    if (!policy::principal_element::parse("AWS", text)) return std::nullopt;
    const std::string_view resource = arn->resource;
    out.account = arn->account;
    out.arn = text;
    if (resource == "root") {
        out.kind = type::account_root;
    } else if (resource.starts_with("user/")) {
        out.kind = type::user;
    } else if (resource.starts_with("federated-user/")) {
        out.kind = type::federated_user;
    } else if (resource.starts_with("assumed-role/")) {
        out.kind = type::role_session;
        // A session's ARN has no path: that of a role with one has to be named instead.
        const std::string_view name = resource.substr(13, resource.find('/', 13) - 13);
        out.role_arn = aws::role_arn(arn->partition, arn->account, "/", name);
    } else {
        out.kind = type::role_session;
        out.role_arn = text;
        const auto name = resource.substr(resource.rfind('/') + 1);
        out.arn = aws::assumed_role_arn(arn->partition, arn->account, name, "*");
    }
    return out;
}

const char* principal_type(type kind) {
    switch (kind) {
        case type::account_root:
            return "Account";
        case type::role_session:
            return "AssumedRole";
        case type::federated_user:
            return "FederatedUser";
        case type::service:
            return "Service";
        case type::user:
        case type::federated:
            return "User";
        case type::anonymous:
            break;
    }
    return "Anonymous";
}

/// What follows from the caller and the time; --context goes before.
policy::context facts_of(const policy::principal& by, const policy::known_principal* known,
                         const policy_request& asked, const surroundings& world) {
    policy::context facts;
    const auto now = world.clock.now();
    facts.set("aws:CurrentTime", base::iso8601(now));
    facts.set("aws:EpochTime",
              std::to_string(std::chrono::floor<base::seconds>(now).time_since_epoch().count()));
    facts.set("aws:PrincipalType", principal_type(by.kind));
    facts.set("aws:PrincipalIsAWSService", by.kind == type::service ? "true" : "false");
    if (by.kind == type::service) facts.set("aws:PrincipalServiceName", by.service);
    if (!by.account.empty()) facts.set("aws:PrincipalAccount", by.account);
    const std::string& arn = by.kind == type::role_session ? by.role_arn : by.arn;
    if (!arn.empty()) facts.set("aws:PrincipalArn", arn);
    if (by.kind == type::user)
        facts.set("aws:username", std::string_view(by.arn).substr(by.arn.rfind('/') + 1));
    if (known != nullptr) {
        for (const policy::context::attribute& tag : known->tags.all())
            facts.set(tag.key, tag.values.front());
    }
    for (const auto& [key, value] : asked.facts)
        facts.set(key, value);
    std::vector<std::pair<std::string, std::vector<std::string>>> many;
    for (const auto& [key, value] : asked.members) {
        if (many.empty() || many.back().first != key) many.push_back({key, {}});
        many.back().second.push_back(value);
    }
    for (const auto& [key, values] : many)
        facts.set_many(key, values);
    return facts;
}

/// The policies that the command line names, read.
class policy_files {
public:
    policy_files(const policy_request& asked, std::string_view partition, const surroundings& world)
        : partition_(partition), world_(world) {
        for (const std::string& file : asked.identity)
            take(file, document_kind::identity, identity);
        for (const std::string& file : asked.session)
            take(file, document_kind::session, session);
        if (!asked.boundary.empty()) take(asked.boundary, document_kind::boundary, boundary);
        if (!asked.resource_policy.empty())
            take(asked.resource_policy, document_kind::resource, resource);
    }
    std::vector<policy::attached> identity, session, boundary, resource;
    std::vector<config::diagnostic> wrong;

private:
    void take(const std::string& file, document_kind kind, std::vector<policy::attached>& into) {
        auto read = read_policy_file(file, kind, partition_, world_, wrong);
        if (!read) return;
        documents_.push_back(std::move(*read));
        into.push_back({file, &documents_.back()});
    }

    const std::string_view partition_;
    const surroundings& world_;
    std::list<policy::document> documents_;  // stay where they are
};

json::array texts(const std::vector<std::string>& list) {
    return json::array(list.begin(), list.end());
}

json::object shown(const policy::statement_report& one) {
    json::object out;
    out["type"] = policy::to_string(one.type);
    if (!one.policy.empty()) out["policy"] = one.policy;
    out["statement"] = one.statement;
    out["effect"] = one.allow ? "Allow" : "Deny";
    out["applies"] = one.applies;
    out["principal"] = one.principal_matches;
    out["action"] = one.action_matches;
    out["resource"] = one.resource_matches;
    json::array conditions;
    for (const policy::condition_report& c : one.conditions) {
        json::object entry;
        entry["operator"] = c.operation;
        entry["key"] = c.key;
        entry["values"] = texts(c.wanted);
        if (c.present) entry["request"] = texts(c.got);
        entry["holds"] = c.outcome == policy::verdict::yes;
        conditions.push_back(std::move(entry));
    }
    out["conditions"] = std::move(conditions);
    return out;
}

std::string line_of(const policy::statement_report& one) {
    std::string line = "  " + std::string(policy::to_string(one.type)) + " ";
    if (!one.policy.empty()) line += one.policy + "/";
    line += one.statement + (one.allow ? " (Allow): " : " (Deny): ");
    return printable(line + (one.applies ? "applies" : one.why_not()));
}

/// STS answers these whatever policies say (API reference: "No permissions are required").
bool needs_no_permission(std::string_view action) {
    const std::string lower = policy::lower_case(action);
    return lower == "sts:getcalleridentity" || lower == "sts:getsessiontoken";
}

class simulation {
public:
    simulation(const policy::estate& all, const options& given, const surroundings& world,
               policy::principal by, const policy::known_principal* known,
               const policy_files& files)
        : all_(all),
          given_(given),
          world_(world),
          by_(std::move(by)),
          known_(known),
          files_(files),
          facts_(facts_of(by_, known, given.policy, world)) {}

    exit_code run() {
        for (const std::string& action : given_.policy.actions) {
            for (const std::string& resource : given_.policy.resources)
                ask(action, resource);
        }
        if (given_.output == output_format::json) {
            json::object out;
            out["apiVersion"] = "imdsd/v1";
            out["results"] = std::move(results_);
            world_.out << encoding::json_text(out) << '\n';
        }
        return denied_ ? exit_code::denied : exit_code::ok;
    }

private:
    void ask(const std::string& action, const std::string& resource) {
        if (needs_no_permission(action)) return report_unconditional(action, resource);
        policy::context facts = facts_;
        policy::question q{action, resource, {}, by_, facts};
        const auto arn = aws::arn::parse(resource);
        const std::string account = arn && !arn->account.empty() ? arn->account
                                    : !given_.policy.resource_account.empty()
                                        ? given_.policy.resource_account
                                        : by_.account;
        q.resource_account = account;
        if (facts.find("aws:resourceaccount") == nullptr && !account.empty())
            facts.set("aws:ResourceAccount", account);
        q.identity = known_ != nullptr ? policy::policy_list(known_->identity) : files_.identity;
        if (known_ != nullptr) q.boundary = known_->boundary;
        if (!files_.boundary.empty()) q.boundary = files_.boundary.front();
        if (!files_.session.empty()) q.session = policy::policy_list(files_.session);
        if (!files_.resource.empty()) q.resource_policy = files_.resource.front();
        const policy::known_role* role = all_.find_role(resource);
        if (role != nullptr && (action.starts_with("sts:") || action.starts_with("STS:"))) {
            q.resource_policy = policy::attached{"trust policy", role->trust};
            q.resource_must_allow = true;
            q.delegation = by_.role_arn != resource;
            for (const policy::context::attribute& tag : role->tags.all()) {
                if (facts.find(tag.key) == nullptr) facts.set(tag.key, tag.values.front());
            }
        }
        report(q, policy::authorize(q));
    }

    void report_unconditional(const std::string& action, const std::string& resource) {
        if (given_.output != output_format::json) {
            world_.out << printable("allowed: " + action + ": no permission is needed") << '\n';
            return;
        }
        json::object one;
        one["action"] = action;
        one["resource"] = resource;
        one["decision"] = policy::to_string(policy::effect::allow);
        one["decidedBy"] = "no permission is needed";
        results_.push_back(std::move(one));
    }

    void report(const policy::question& q, const policy::authorization& decided) {
        denied_ = denied_ || !decided.allowed();
        const bool explains = given_.policy.what == policy_request::kind::explain;
        const std::string by = decided.of(decided.decided_by).by();
        if (given_.output == output_format::json) {
            json::object one;
            one["action"] = q.action;
            one["resource"] = q.resource;
            one["decision"] = policy::to_string(decided.outcome);
            one["decidedBy"] = policy::to_string(decided.decided_by);
            if (!by.empty()) one["statement"] = by;
            if (!decided.allowed()) one["reason"] = policy::reason_clause(decided, q.action);
            if (explains) {
                json::array statements;
                for (const policy::statement_report& each : policy::explain(q))
                    statements.push_back(shown(each));
                one["statements"] = std::move(statements);
            }
            results_.push_back(std::move(one));
            return;
        }
        std::string line = std::string(decided.allowed() ? "allowed: " : "denied: ") +
                           std::string(q.action) + " on " + std::string(q.resource) + ": " +
                           policy::to_string(decided.outcome) + " by " +
                           policy::to_string(decided.decided_by);
        if (!by.empty()) line += " " + by;
        world_.out << printable(line) << '\n';
        if (!explains) return;
        for (const policy::statement_report& each : policy::explain(q))
            world_.out << line_of(each) << '\n';
    }

    const policy::estate& all_;
    const options& given_;
    const surroundings& world_;
    const policy::principal by_;
    const policy::known_principal* known_;
    const policy_files& files_;
    const policy::context facts_;
    json::array results_;
    bool denied_ = false;
};

}  // namespace

exit_code simulate(const policy::estate& all, std::string partition, const options& given,
                   const surroundings& world) {
    const policy_request& asked = given.policy;
    if (partition.empty()) {
        const auto caller = aws::arn::parse(asked.caller);
        partition = caller ? caller->partition : std::string(policy::partitions_of_aws);
    }
    const policy_files files(asked, partition, world);
    if (!files.wrong.empty()) {
        print_diagnostics(files.wrong, world);
        return exit_code::configuration;
    }
    if (!asked.principal.empty()) {
        const policy::known_principal* known = all.find(asked.principal);
        if (known == nullptr) {
            world.err << "imdsd: the configuration has no user or role "
                      << printable(asked.principal) << '\n';
            return exit_code::failure;
        }
        return simulation(all, given, world, known->who, known, files).run();
    }
    auto by = caller_from(asked.caller);
    if (!by) {
        world.err << "imdsd: --caller: " << printable(asked.caller)
                  << " is no ARN of IAM or STS, no service, and not 'anonymous'\n";
        return exit_code::usage;
    }
    // Trusts of the configuration are bound to identities, not to names.
    const std::string& arn = by->kind == type::role_session ? by->role_arn : by->arn;
    if (const policy::known_principal* known = all.find(arn)) by->unique_id = known->who.unique_id;
    return simulation(all, given, world, std::move(*by), nullptr, files).run();
}

}  // namespace cli
