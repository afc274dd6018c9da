#include <algorithm>

#include "aws/arn.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "policy/authorize.hpp"
#include "policy/unicode.hpp"
#include "sts/actions/actions.hpp"
#include "sts/actions/verify_caller_input.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/caller_policies.hpp"
#include "sts/request_facts.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

using type = policy::principal::type;

constexpr std::string_view permission = "imdsd:VerifyCaller";
/// How long a service may go on with an answer: revocations are noticed so much later.
constexpr base::seconds cache_life{300};
constexpr std::string_view stand_in_secret = "0000000000000000000000000000000000000000";

/// What a verifier has to be allowed to use: one service's signatures in one region, of an account.
std::string scope_arn(const call& made, std::string_view account, const sigv4::scope& scope) {
    return "arn:" + made.options.partition + ":imdsd:" + scope.region + ":" + std::string(account) +
           ":scope/" + scope.service;
}

/// `policy`: of another account that the callers are of.
base::result<void> check_permission(const call& made, std::string_view account,
                                    const policy::document* policy, const sigv4::scope& scope,
                                    audit_record::record& record) {
    auto decision = authorization_check::of_resource(made, scope_arn(made, account, scope));
    if (!decision) return decision.error();
    decision->guarded_by(account, policy);
    policy::context facts = caller_facts(made);
    facts.set("aws:ResourceAccount", account);
    const auto allowed = decision->allow(permission, facts);
    decision->tell(record.additional);
    return allowed;
}

/// Not the codes that speak about the service's own credentials: it has to tell them apart.
base::error unknown_caller() {
    return wire_error("UnknownCaller", "The caller's access key id or session token is not valid");
}

base::error told_of_caller(const base::error& failure) {
    if (failure.code == "InvalidClientTokenId") return unknown_caller();
    if (failure.code == "ExpiredToken")
        return wire_error("ExpiredCaller", "The caller's session token has expired");
    return failure;
}

/// The credentials that the service asks about, if it may. An unknown key, and one of an account
/// whose callers are not its to verify, look the same.
base::result<known_credentials> find_subject(const call& made, const verify_caller_input& input,
                                             audit_record::record& record) {
    const std::string& own = made.by.principal.account;
    auto found = find_credentials(
        input.access_key_id, input.session_token,
        {made.principals, made.keys, made.options.partition, made.now, made.sessions_trusted});
    if (found && found->owner.principal.account != own) {
        const std::string& account = found->owner.principal.account;
        const auto* policy = made.principals.find_verification_policy(account);
        if (check_permission(made, account, policy, input.scope, record)) return found;
        // Only the audit record tells.
        record.additional["callerAccount"] = account;
        record.additional["callerAccountDecisions"] = std::move(record.additional["decisions"]);
        record.additional.erase("encodedAuthorizationMessages");
        found = unknown_caller();
    }
    if (auto allowed = check_permission(made, own, nullptr, input.scope, record); !allowed)
        return allowed.error();
    if (!found) return told_of_caller(found.error());
    return found;
}

std::string_view principal_type(type kind) {
    switch (kind) {
        case type::account_root:
            return "Account";
        case type::user:
            return "User";
        case type::role_session:
            return "AssumedRole";
        default:
            return "FederatedUser";
    }
}

/// The caller's tags as aws:PrincipalTag has them: a session tag wins.
std::vector<result_node> tags_of(const caller& by) {
    tag_list all = by.own_tags();
    if (by.through) {
        for (const session_tag& tag : by.through->tags) {
            std::erase_if(all, [&](const auto& own) {
                return policy::lower_case(own.first) == policy::lower_case(tag.key);
            });
            all.emplace_back(tag.key, tag.value);
        }
    }
    std::vector<result_node> out;
    for (const auto& [key, value] : all)
        out.push_back(result_node::group(
            "member", {result_node::text("Key", key), result_node::text("Value", value)}));
    return out;
}

void add_identity(std::vector<result_node>& out, const caller& by) {
    out.push_back(result_node::text("Arn", by.principal.arn));
    out.push_back(result_node::text("UserId", by.user_id));
    out.push_back(result_node::text("Account", by.principal.account));
    out.push_back(result_node::text("AccessKeyId", by.access_key_id));
    out.push_back(result_node::text("PrincipalType", principal_type(by.principal.kind)));
    if (by.principal.kind == type::role_session)
        out.push_back(result_node::text("RoleArn", by.principal.role_arn));
    if (auto tags = tags_of(by); !tags.empty())
        out.push_back(result_node::list("Tags", std::move(tags)));
    if (!by.through) return;
    if (!by.through->session_name.empty())
        out.push_back(result_node::text("SessionName", by.through->session_name));
    if (!by.through->source_identity.empty())
        out.push_back(result_node::text("SourceIdentity", by.through->source_identity));
    out.push_back(result_node::time("IssueTime", by.through->issued));
    out.push_back(result_node::time("Expiration", by.through->expires));
}

result_node scoped_key(std::string_view secret_access_key, const sigv4::scope& scope) {
    crypto::digest256 key = sigv4::signing_key(secret_access_key, scope);
    std::string text = encoding::base64(crypto::as_text(key));
    base::wipe(key.data(), key.size());
    base::secret kept(text);
    base::wipe(text.data(), text.size());
    return result_node::group(
        "SigningKey",
        {result_node::text("Date", scope.date), result_node::text("Region", scope.region),
         result_node::text("Service", scope.service), result_node::secret("Key", std::move(kept))});
}

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

/// May the caller whom `seen.by` names do it? Only the service knows where its request came from,
/// so nothing of the verify call itself is a fact here.
base::result<result_node> decide(const call& seen, const decision_request& asked,
                                 std::string_view region, boost::json::object& told) {
    auto policies = caller_policies::of(seen);
    if (!policies) return policies.error();
    const std::string& owner =
        asked.resource_owner.empty() ? seen.by.principal.account : asked.resource_owner;
    policy::context facts;
    add_time_facts(facts, seen.now);
    add_principal_facts(facts, seen.by);
    facts.set("aws:RequestedRegion", region);
    facts.set("aws:ResourceAccount", owner);
    for (const context_entry& entry : asked.context) {
        if (entry.multivalued)
            facts.set_many(entry.key, entry.values);
        else
            facts.set(entry.key, entry.values.front());
    }
    policy::question question{asked.action, asked.resource, owner, seen.by.principal, facts};
    policies->fill(question);
    if (asked.resource_policy)
        question.resource_policy = policy::attached{"ResourcePolicy", &*asked.resource_policy};
    const policy::authorization decided = policy::authorize(question);
    told["evalDecision"] = decision_text(decided.outcome);
    return result_node::group(
        "Decision", {result_node::text("EvalActionName", asked.action),
                     result_node::text("EvalResourceName", asked.resource),
                     result_node::text("EvalDecision", decision_text(decided.outcome)),
                     result_node::text("DecidedBy", policy::to_string(decided.decided_by))});
}

base::seconds life_of(const caller& by, base::wall_time now) {
    if (!by.through) return cache_life;
    const auto left = std::chrono::floor<base::seconds>(by.through->expires - now);
    return std::clamp(left, base::seconds(0), cache_life);
}

action_result attempt(const call& made, const parameters& given, audit_record::record& record,
                      boost::json::object& told) {
    put(record.request_parameters, "accessKeyId", given.text("AccessKeyId"));
    put(record.request_parameters, "date", given.text("Date"));
    put(record.request_parameters, "region", given.text("Region"));
    put(record.request_parameters, "service", given.text("Service"));
    put(record.request_parameters, "actionName", given.text("ActionName"));
    put(record.request_parameters, "resourceArn", given.text("ResourceArn"));
    const auto input = verify_caller_input::read(given, made.now, made.options.clock_skew);
    if (!input) return input.error();
    auto subject = find_subject(made, *input, record);
    if (!subject) {
        // The same work as for a known key.
        (void)sigv4::signing_key(stand_in_secret, input->scope);
        return subject.error();
    }
    told["arn"] = subject->owner.principal.arn;
    told["accountId"] = subject->owner.principal.account;

    std::vector<result_node> out;
    add_identity(out, subject->owner);
    out.push_back(scoped_key(subject->secret_access_key.reveal(), input->scope));
    out.push_back(result_node::number("CacheSeconds", life_of(subject->owner, made.now).count()));
    if (!input->asked) return out;
    const call seen{made.options,
                    made.principals,
                    made.keys,
                    made.random,
                    made.audit,
                    made.now,
                    std::move(subject->owner),
                    {},  // its request came to the
                         // service, not here
                    made.request_id,
                    input->scope.region,
                    {},
                    {}};
    auto decision = decide(seen, *input->asked, input->scope.region, told);
    if (!decision) return decision.error();
    out.push_back(std::move(*decision));
    return out;
}

}  // namespace

action_result verify_caller(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "VerifyCaller");
    record.event_source = own_event_source;
    boost::json::object told;
    action_result outcome = attempt(made, given, record, told);
    if (outcome) record.response_elements = std::move(told);
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
