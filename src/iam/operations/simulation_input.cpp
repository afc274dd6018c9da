#include "iam/operations/simulation_input.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "aws/arn.hpp"
#include "iam/operations/parameters.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

constexpr std::string_view types[] = {"string",  "stringList",  "numeric", "numericList",
                                      "boolean", "booleanList", "ip",      "ipList",
                                      "binary",  "binaryList",  "date",    "dateList"};
constexpr std::size_t most_entries = 1000;

base::error invalid_input(std::string message) {
    return sts::wire_error("InvalidInput", std::move(message));
}

std::string numbered(std::string_view list, std::size_t i) {
    return std::string(list) + "." + std::to_string(i + 1) + ".member";
}

base::result<std::vector<std::string>> read_texts(const operation_call& call, sts::constraints& c,
                                                  std::string_view parameter,
                                                  std::string_view member,
                                                  sts::constraints::length limits) {
    const auto given = call.given.scalars(parameter);
    if (!given) return given.error();
    std::vector<std::string> out;
    const std::size_t looked_at = c.count(given->size(), member, most_entries);
    for (std::size_t i = 0; i < looked_at; ++i) {
        const auto one = (*given)[i].text("");
        c.required(one, numbered(member, i));
        c.text(one, numbered(member, i), limits, nullptr);
        out.push_back(one.value_or(""));
    }
    return out;
}

/// "ContextKeyValues.member.2" and its like, in order of their numbers.
std::vector<std::string> values_of(const sts::parameters::element& entry) {
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const auto& [path, value] : entry.members) {
        constexpr std::string_view prefix = "ContextKeyValues.member.";
        if (!path.starts_with(prefix)) continue;
        const std::string digits = path.substr(prefix.size());
        // By length first, so that the texts sort as the numbers do.
        found.emplace_back(digits.size(), digits + " " + value);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> out;
    for (const auto& [size, text] : found)
        out.push_back(text.substr(size + 1));
    return out;
}

base::result<std::vector<simulation_input::context_entry>> read_context(const operation_call& call,
                                                                        sts::constraints& c) {
    const auto given = call.given.structures("ContextEntries");
    if (!given) return given.error();
    std::vector<simulation_input::context_entry> out;
    const std::size_t looked_at = c.count(given->size(), "contextEntries", most_entries);
    for (std::size_t i = 0; i < looked_at; ++i) {
        const sts::parameters::element& entry = (*given)[i];
        const std::string member = numbered("contextEntries", i);
        const auto key = entry.text("ContextKeyName");
        const auto type = entry.text("ContextKeyType");
        c.required(key, member + ".contextKeyName");
        c.text(key, member + ".contextKeyName", {5, 256}, nullptr);
        c.required(type, member + ".contextKeyType");
        c.choice(type, member + ".contextKeyType", types);
        out.push_back({key.value_or(""), values_of(entry), type && type->ends_with("List")});
    }
    return out;
}

base::result<void> check_context(const std::vector<simulation_input::context_entry>& context) {
    for (const auto& one : context) {
        if (one.values.empty())
            return invalid_input("The context key " + one.key + " has no values.");
        if (!one.many && one.values.size() > 1)
            return invalid_input("The context key " + one.key +
                                 " has several values: its type must be one of lists.");
    }
    return {};
}

/// "s3:GetObject".
bool is_action(std::string_view text) {
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == ':';
           });
}

/// The account of "arn:aws:iam::123456789012:root", or of its digits.
base::result<std::string> owner_of(const std::optional<std::string>& text) {
    if (!text) return std::string();
    if (aws::is_account_id(*text)) return *text;
    const auto arn = aws::arn::parse(*text);
    if (!arn || !aws::is_account_id(arn->account))
        return invalid_input("ResourceOwner " + *text + " is not the ARN of an account.");
    return arn->account;
}

base::result<std::string> caller_of(const std::optional<std::string>& text) {
    if (!text) return std::string();
    const auto arn = aws::arn::parse(*text);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("user/") ||
        !aws::is_account_id(arn->account))
        return invalid_input("CallerArn " + *text + " is not the ARN of a user.");
    return *text;
}

}  // namespace

base::result<simulation_input> simulation_input::read(operation_call& call, bool of_principal) {
    simulation_input out;
    sts::constraints c;
    const auto source = call.given.text("PolicySourceArn");
    if (of_principal) require_arn(c, source, "policySourceArn");
    auto policies = policy_texts::read(call, "PolicyInputList");
    if (!policies) return policies.error();
    auto boundaries = policy_texts::read(call, "PermissionsBoundaryPolicyInputList");
    if (!boundaries) return boundaries.error();
    if (!of_principal && policies->texts.empty()) c.required(std::nullopt, "policyInputList");
    policies->check(c, "policyInputList");
    boundaries->check(c, "permissionsBoundaryPolicyInputList");
    auto actions = read_texts(call, c, "ActionNames", "actionNames", {3, 128});
    if (!actions) return actions.error();
    if (actions->empty()) c.required(std::nullopt, "actionNames");
    auto resources = read_texts(call, c, "ResourceArns", "resourceArns", {1, 2048});
    if (!resources) return resources.error();
    out.resource_policy = call.given.text("ResourcePolicy");
    c.text(out.resource_policy, "resourcePolicy", {1, 131'072}, &sts::policy_characters);
    const auto owner = call.given.text("ResourceOwner");
    c.text(owner, "resourceOwner", {1, 2048}, nullptr);
    const auto caller = call.given.text("CallerArn");
    c.text(caller, "callerArn", {1, 2048}, nullptr);
    auto context = read_context(call, c);
    if (!context) return context.error();
    sts::put(call.record.request_parameters, "policySourceArn", source);
    sts::put(call.record.request_parameters, "callerArn", caller);
    sts::put(call.record.request_parameters, "resourceOwner", owner);
    put_count(call.record.request_parameters, "policyInputList", policies->texts.size());
    put_count(call.record.request_parameters, "actionNames", actions->size());
    put_count(call.record.request_parameters, "resourceArns", resources->size());
    if (const auto done = c.check(); !done) return done.error();

    out.source_arn = source.value_or("");
    out.policies = std::move(*policies);
    out.boundaries = std::move(*boundaries);
    out.actions = std::move(*actions);
    out.resources = std::move(*resources);
    out.context = std::move(*context);
    if (out.resources.empty()) out.resources.emplace_back("*");
    for (const std::string& action : out.actions) {
        if (!is_action(action)) return invalid_input("Invalid Action: " + action);
    }
    if (const auto good = check_context(out.context); !good) return good.error();
    if (out.boundaries.texts.size() > 1)
        return invalid_input("PermissionsBoundaryPolicyInputList holds more than one policy.");
    if (call.given.find("ResourceHandlingOption") != nullptr)
        return invalid_input("ResourceHandlingOption: scenarios of EC2 are not simulated here.");
    auto owner_account = owner_of(owner);
    if (!owner_account) return owner_account.error();
    out.resource_owner = std::move(*owner_account);
    auto caller_arn = caller_of(caller);
    if (!caller_arn) return caller_arn.error();
    out.caller_arn = std::move(*caller_arn);
    if (out.resource_policy && out.caller_arn.empty() && !of_principal)
        return invalid_input("CallerArn is required with a ResourcePolicy.");
    return out;
}

}  // namespace iam
