#include "sts/actions/session_request.hpp"

#include <algorithm>

#include "aws/arn.hpp"
#include "aws/credentials.hpp"
#include "policy/document.hpp"
#include "policy/unicode.hpp"
#include "sts/session/packed_size.hpp"
#include "sts/task_policies.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

// Limits of the service model (API reference).
constexpr std::size_t most_tags = 50;
constexpr std::size_t most_policy_arns = 10;
constexpr constraints::length arn_length{20, 2048};

std::string member(const char* list, std::size_t i, const char* name) {
    return std::string(list) + "." + std::to_string(i + 1) + ".member" + name;
}

}  // namespace

base::result<std::vector<passed_tag>> read_tags(const parameters& from) {
    const auto tags = from.structures("Tags");
    if (!tags) return tags.error();
    std::vector<passed_tag> out;
    for (const parameters::element& e : *tags)
        out.push_back({e.text("Key"), e.text("Value")});
    return out;
}

base::result<passed_texts> read_policy_arns(const parameters& from) {
    const auto arns = from.structures("PolicyArns");
    if (!arns) return arns.error();
    passed_texts out;
    for (const parameters::element& e : *arns)
        out.push_back(e.text("arn"));
    return out;
}

void check_model(constraints& c, const std::vector<passed_tag>& tags) {
    const std::size_t looked_at = c.count(tags.size(), "tags", most_tags);
    for (std::size_t i = 0; i < looked_at; ++i) {
        c.required(tags[i].key, member("tags", i, ".key"));
        c.text(tags[i].key, member("tags", i, ".key"), {1, 128}, &tag_key_characters);
        c.required(tags[i].value, member("tags", i, ".value"));
        c.text(tags[i].value, member("tags", i, ".value"), {0, 256}, &tag_value_characters);
    }
}

void check_model(constraints& c, const std::optional<std::string>& policy,
                 const passed_texts& policy_arns) {
    c.text(policy, "policy", {1, policy::session_policy_characters}, &policy_characters);
    const std::size_t looked_at = c.count(policy_arns.size(), "policyArns", most_policy_arns);
    for (std::size_t i = 0; i < looked_at; ++i) {
        // The model does not require it, but a hole would be a policy that is silently left out.
        c.required(policy_arns[i], member("policyArns", i, ".arn"));
        c.text(policy_arns[i], member("policyArns", i, ".arn"), arn_length, &arn_characters);
    }
}

tag_list tags_of(const std::vector<passed_tag>& passed) {
    tag_list out;
    for (const passed_tag& tag : passed)
        out.emplace_back(*tag.key, *tag.value);
    return out;
}

base::result<void> check_distinct_keys(const tag_list& tags) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : tags) {
        std::string lower = policy::lower_case(key);
        if (std::find(keys.begin(), keys.end(), lower) != keys.end())
            return wire_error("InvalidParameterValue",
                              "Duplicate tag keys found. Please note that Tag keys are case "
                              "insensitive.");
        keys.push_back(std::move(lower));
    }
    return {};
}

base::result<void> check_tag_keys(const tag_list& tags) {
    if (auto done = check_distinct_keys(tags); !done) return done;
    for (const auto& [key, value] : tags) {
        if (policy::lower_case(key).starts_with("aws:"))
            return wire_error("InvalidParameterValue",
                              "Tag keys that start with 'aws:' are reserved for system use.");
    }
    return {};
}

base::result<session_policies> read_session_policies(const call& made,
                                                     const std::optional<std::string>& policy,
                                                     const passed_texts& policy_arns,
                                                     const std::string& account) {
    session_policies out;
    std::size_t plain_text = 0;
    if (policy) {
        const auto parsed = policy::document::parse(*policy, policy::document_kind::session,
                                                    made.options.partition);
        if (!parsed) return parsed.error();
        out.text = without_white_space(*policy);
        plain_text = policy::utf16_length(*policy);
    }
    for (const auto& arn : policy_arns) {
        const auto parts = aws::arn::parse(*arn);
        if (!parts) return wire_error("ValidationError", *arn + " is invalid");
        const managed_policy found = made.principals.find_managed_policy(*arn);
        const bool usable = found != nullptr &&
                            (found->account == account || found->account == managed_by_provider);
        if (!usable || find_task_policy(made.options.partition, *arn) != nullptr)
            return wire_error("ValidationError",
                              "The managed policy " + *arn +
                                  " does not exist in the account of the session or cannot be "
                                  "used as a session policy.");
        plain_text += policy::utf16_length(*arn);
        out.arns.push_back(*arn);
    }
    // "The plaintext that you use for both inline and managed session policies can't exceed 2,048
    // characters" (API reference).
    if (plain_text > policy::session_policy_characters)
        return wire_error("ValidationError",
                          "The plain text of Policy and PolicyArns together exceeds " +
                              std::to_string(policy::session_policy_characters) + " characters.");
    return out;
}

base::result<void> check_mfa(const std::optional<std::string>& serial_number,
                             const std::optional<std::string>& token_code) {
    if (serial_number.has_value() != token_code.has_value())
        return wire_error("AccessDenied",
                          "MultiFactorAuthentication failed, must provide both MFA serial number "
                          "and one time pass code. ");
    if (serial_number)
        return wire_error("AccessDenied",
                          "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
                          "verify your MFA serial number is valid and associated with this user.");
    return {};
}

void check_mfa_model(constraints& c, const std::optional<std::string>& serial_number,
                     const std::optional<std::string>& token_code) {
    c.text(serial_number, "serialNumber", {9, 256}, &serial_characters);
    // Nearly a code is still a secret: it would stand in the audit record.
    c.secret(token_code, "tokenCode", {6, 6}, &digit_characters);
}

result_node shown(const aws::credentials& credentials) {
    return result_node::group(
        "Credentials",
        {result_node::text("AccessKeyId", credentials.access_key_id),
         result_node::text("SecretAccessKey", credentials.secret_access_key.reveal()),
         result_node::text("SessionToken", credentials.session_token.reveal()),
         result_node::time("Expiration", credentials.expiration)});
}

}  // namespace sts
