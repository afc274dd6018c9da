#include "sts/audit.hpp"

#include "base/time_text.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

namespace json = boost::json;
using type = policy::principal::type;

/// Who stands behind a session; empty for sessions of the principal itself.
json::object session_issuer(const caller& by) {
    json::object out;
    if (by.principal.kind == type::role_session) {
        out["type"] = "Role";
        out["principalId"] = by.principal.unique_id;
        out["arn"] = by.principal.role_arn;
        out["accountId"] = by.principal.account;
        out["userName"] = by.through->role_name;
    } else if (by.principal.kind == type::federated_user) {
        out["type"] = by.user == nullptr ? "Root" : "IAMUser";
        out["principalId"] = by.through->principal_id;
        if (by.user != nullptr) out["arn"] = by.user->arn;
        out["accountId"] = by.principal.account;
        if (by.user != nullptr) out["userName"] = by.user->name;
    }
    return out;
}

json::object session_context(const caller& by) {
    json::object attributes;
    attributes["creationDate"] = base::iso8601(by.through->issued);
    attributes["mfaAuthenticated"] = "false";
    json::object out;
    if (json::object issuer = session_issuer(by); !issuer.empty())
        out["sessionIssuer"] = std::move(issuer);
    out["attributes"] = std::move(attributes);
    if (!by.through->source_identity.empty()) out["sourceIdentity"] = by.through->source_identity;
    if (by.through->kind == session::type::assumed_root) out["assumedRoot"] = "true";
    return out;
}

json::object identity_of(const caller& by) {
    json::object out;
    switch (by.principal.kind) {
        case type::service:
            out["type"] = "AWSService";
            out["invokedBy"] = by.principal.service;
            return out;
        case type::account_root:
            out["type"] = "Root";
            break;
        case type::user:
            out["type"] = "IAMUser";
            break;
        case type::role_session:
            out["type"] = "AssumedRole";
            break;
        case type::federated_user:
            out["type"] = "FederatedUser";
            break;
        case type::federated:
            out["type"] = "Unknown";
            out["identityProvider"] = by.principal.provider;
            return out;
        case type::anonymous:
            out["type"] = "Unknown";
            return out;
    }
    out["principalId"] = by.user_id;
    out["arn"] = by.principal.arn;
    out["accountId"] = by.principal.account;
    out["accessKeyId"] = by.access_key_id;
    if (by.principal.kind == type::user) out["userName"] = by.user->name;
    if (by.through) out["sessionContext"] = session_context(by);
    return out;
}

// A refused request may hold anything up to the body limit; its record stays of a readable size.
constexpr std::size_t longest_value = 2048;
constexpr std::size_t most_members = 64;

std::string_view cut(std::string_view value) {
    return value.substr(0, longest_value);
}

std::string_view cut_or_empty(const std::optional<std::string>& value) {
    return value ? cut(*value) : std::string_view();
}

/// One JSON value for each of the first members.
template <class Values, class Shown>
json::array each(const Values& values, Shown shown) {
    json::array out;
    for (const auto& value : values) {
        if (out.size() == most_members) break;
        out.push_back(shown(value));
    }
    return out;
}

/// What the other account gets to see of a caller from elsewhere.
audit_record::record foreign_view(const call& made, audit_record::record r,
                                  const std::string& account) {
    r.event_id = audit_record::new_event_id(made.random);
    r.account = account;
    r.user_identity = {{"type", "AWSAccount"},
                       {"principalId", made.by.user_id},
                       {"accountId", made.by.principal.account}};
    r.additional.erase("decisions");
    return r;
}

}  // namespace

void put(json::object& out, std::string_view name, const std::optional<std::string>& value) {
    if (value) out[name] = cut(*value);
}

void put(json::object& out, std::string_view name, std::optional<std::int64_t> value) {
    if (value) out[name] = *value;
}

void put_texts(json::object& out, std::string_view name, const passed_texts& values) {
    if (values.empty()) return;
    out[name] = each(values, [](const auto& value) { return json::value(cut_or_empty(value)); });
}

void put_tags(json::object& out, const std::vector<passed_tag>& tags) {
    if (tags.empty()) return;
    out["tags"] = each(tags, [](const passed_tag& tag) {
        return json::object{{"key", cut_or_empty(tag.key)}, {"value", cut_or_empty(tag.value)}};
    });
}

void put_policy_arns(json::object& out, const passed_texts& arns) {
    if (arns.empty()) return;
    out["policyArns"] = each(arns, [](const auto& arn) {
        return json::object{{"arn", cut_or_empty(arn)}};
    });
}

json::object shown_credentials(const aws::credentials& issued) {
    return {{"accessKeyId", issued.access_key_id},
            {"expiration", audit_record::expiration_text(issued.expiration)}};
}

json::object shown_tls(const request_origin& origin, std::string_view host) {
    if (origin.tls_version.empty()) return {};
    return {{"tlsVersion", origin.tls_version},
            {"cipherSuite", origin.tls_cipher},
            {"clientProvidedHostHeader", cut(host)}};
}

audit_record::record begin_record(const call& made, std::string_view event_name) {
    audit_record::record r;
    r.time = made.now;
    r.event_source = "sts.amazonaws.com";
    r.event_name = event_name;
    r.region = made.region;
    r.user_agent = cut(made.user_agent);
    r.tls_details = shown_tls(made.origin, made.host);
    r.user_identity = identity_of(made.by);
    r.request_id = made.request_id;
    r.event_id = audit_record::new_event_id(made.random);
    r.account = made.by.principal.account;
    if (made.origin.source) r.source_address = made.origin.source->text();
    if (made.by.principal.kind == type::service) r.source_address = made.by.principal.service;
    return r;
}

json::object shown_parameters(const assume_role_input& input) {
    json::object out;
    put(out, "roleArn", input.role_arn);
    put(out, "roleSessionName", input.role_session_name);
    put(out, "durationSeconds", input.duration);
    put(out, "externalId", input.external_id);
    put(out, "policy", input.policy);
    put(out, "serialNumber", input.serial_number);
    put(out, "sourceIdentity", input.source_identity);
    put_policy_arns(out, input.policy_arns);
    put_tags(out, input.tags);
    put_texts(out, "transitiveTagKeys", input.transitive_tag_keys);
    return out;
}

json::object shown_result(const assume_role_output& output) {
    json::object user;
    user["assumedRoleId"] = output.assumed_role_id;
    user["arn"] = output.arn;
    json::object out;
    out["credentials"] = shown_credentials(output.credentials);
    out["assumedRoleUser"] = std::move(user);
    if (output.packed_policy_size > 0) out["packedPolicySize"] = output.packed_policy_size;
    if (!output.source_identity.empty()) out["sourceIdentity"] = output.source_identity;
    return out;
}

void set_failure(audit_record::record& r, const base::error& failure) {
    if (failure.code == "ValidationError") {
        r.error_code = "ValidationException";
    } else if (failure.code == "PackedPolicyTooLarge" ||
               failure.code == "MalformedPolicyDocument" ||
               failure.code == "InvalidParameterValue") {
        r.error_code = failure.code + "Exception";
    } else {
        r.error_code = failure.code;
    }
    r.error_message = cut(failure.message);
}

base::error not_recorded() {
    return wire_error("ServiceUnavailable", "The audit log does not accept records");
}

base::result<void> promise(const call& made, audit_record::record r) {
    if (!made.audit.promise(std::move(r))) return not_recorded();
    return {};
}

base::result<void> promise_to_both(const call& made, audit_record::record r,
                                   const std::string& other_account) {
    r.shared_event_id = audit_record::new_event_id(made.random);
    if (auto kept = promise(made, foreign_view(made, r, other_account)); !kept) return kept;
    return promise(made, std::move(r));
}

action_result conclude(const call& made, audit_record::record r, action_result outcome) {
    if (!outcome) set_failure(r, outcome.error());
    if (auto kept = promise(made, std::move(r)); !kept) return kept.error();
    return outcome;
}

}  // namespace sts
