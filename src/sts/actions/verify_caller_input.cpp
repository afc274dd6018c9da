#include "sts/actions/verify_caller_input.hpp"

#include <algorithm>
#include <charconv>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "policy/unicode.hpp"
#include "sigv4/limits.hpp"
#include "sts/query/constraints.hpp"
#include "sts/session/session_token.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::string_view entries_name = "ContextEntries";
constexpr std::string_view known_names[] = {
    "Action",  "Version",    "AccessKeyId", "SessionToken",  "Date",          "Region",
    "Service", "ActionName", "ResourceArn", "ResourceOwner", "ResourcePolicy"};

bool is_word(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
constexpr character_class key_id_characters{is_word, "[\\w]*"};
bool is_service_character(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}
constexpr character_class service_characters{is_service_character, "[a-z0-9-]*"};

base::error not_valid(std::string message) {
    return wire_error("ValidationError", std::move(message));
}

base::result<void> check_names(const parameters& given) {
    for (const std::string_view name : given.names()) {
        const bool known = std::find(std::begin(known_names), std::end(known_names), name) !=
                           std::end(known_names);
        const bool entry = name == entries_name || name.starts_with("ContextEntries.member.");
        // The signature's own, of a presigned call.
        if (known || entry || name.starts_with("X-Amz-")) continue;
        return not_valid("VerifyCaller has no parameter '" + std::string(name.substr(0, 128)) +
                         "'");
    }
    return {};
}

/// Keys that say who the caller is, or what time: the issuer's to say.
bool is_reserved(std::string_view key) {
    constexpr std::string_view names[] = {"aws:assumedroot",
                                          "aws:currenttime",
                                          "aws:epochtime",
                                          "aws:federatedprovider",
                                          "aws:multifactorauthage",
                                          "aws:multifactorauthpresent",
                                          "aws:requestedregion",
                                          "aws:resourceaccount",
                                          "aws:sourceidentity",
                                          "aws:tokenissuetime",
                                          "aws:userid",
                                          "aws:username",
                                          "aws:viaawsservice"};
    const std::string lower = policy::lower_case(key);
    return lower.starts_with("aws:principal") || lower.starts_with("sts:") ||
           std::find(std::begin(names), std::end(names), lower) != std::end(names);
}

/// ContextKeyTypeEnum of IAM's model; the second: a list.
std::optional<bool> is_list_type(std::string_view type) {
    const bool list = type.ends_with("List");
    if (list) type.remove_suffix(4);
    constexpr std::string_view types[] = {"string", "numeric", "boolean", "ip", "binary", "date"};
    if (std::find(std::begin(types), std::end(types), type) == std::end(types)) return std::nullopt;
    return list;
}

base::result<std::vector<std::string>> read_values(const parameters::element& from,
                                                   const std::string& where) {
    constexpr std::string_view prefix = "ContextKeyValues.member.";
    std::vector<std::optional<std::string>> places;
    for (const auto& [name, value] : from.members) {
        if (name == "ContextKeyName" || name == "ContextKeyType") continue;
        if (name == "ContextKeyValues" && value.empty()) continue;  // an empty list
        if (!name.starts_with(prefix))
            return not_valid(where + " has no member '" + name.substr(0, 128) + "'");
        const std::string_view digits = std::string_view(name).substr(prefix.size());
        std::size_t index = 0;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (failed != std::errc{} || end != digits.data() + digits.size() || index == 0 ||
            index > most_context_values)
            return not_valid(where + ": values are numbered from 1 to " +
                             std::to_string(most_context_values));
        if (value.size() > longest_context_value)
            return not_valid(where + ": a value has at most " +
                             std::to_string(longest_context_value) + " bytes");
        if (places.size() < index) places.resize(index);
        places[index - 1] = value;
    }
    std::vector<std::string> out;
    for (std::optional<std::string>& value : places) {
        if (!value) return not_valid(where + ": a value is missing in the numbering");
        out.push_back(std::move(*value));
    }
    return out;
}

base::result<std::vector<context_entry>> read_context(const parameters& given) {
    const auto entries = given.structures(entries_name);
    if (!entries) return entries.error();
    if (entries->size() > most_context_entries)
        return not_valid("ContextEntries has at most " + std::to_string(most_context_entries) +
                         " members");
    std::vector<context_entry> out;
    for (const parameters::element& one : *entries) {
        const std::string where = "ContextEntries.member." + std::to_string(out.size() + 1);
        const auto name = one.text("ContextKeyName");
        const auto type = one.text("ContextKeyType");
        if (!name || name->size() < 5 || name->size() > longest_context_key)
            return not_valid(where + " needs a ContextKeyName of 5 to " +
                             std::to_string(longest_context_key) + " bytes");
        if (is_reserved(*name))
            return not_valid(where + ": '" + *name +
                             "' is not for a service to say: the issuer knows it");
        const auto list = is_list_type(type.value_or(""));
        if (!list)
            return not_valid(where +
                             " needs a ContextKeyType: string, numeric, boolean, ip, "
                             "binary or date, or one of them with List, as stringList");
        auto values = read_values(one, where);
        if (!values) return values.error();
        if (!*list && values->size() != 1)
            return not_valid(where + ": a '" + *type + "' has exactly one value");
        for (const context_entry& before : out) {
            if (policy::lower_case(before.key) == policy::lower_case(*name))
                return not_valid(where + ": '" + *name + "' is there twice");
        }
        out.push_back({*name, std::move(*values), *list});
    }
    return out;
}

bool is_action(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || text.size() > longest_action_name)
        return false;
    const auto letters = [](std::string_view part, std::string_view more) {
        return !part.empty() && std::all_of(part.begin(), part.end(), [&](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   more.find(c) != std::string_view::npos;
        });
    };
    return letters(text.substr(0, colon), "-") && letters(text.substr(colon + 1), "");
}

base::result<void> read_owner(const parameters& given, decision_request& into) {
    if (into.resource != "*") {
        const auto arn = aws::arn::parse(into.resource);
        if (!arn || into.resource.size() > longest_resource_name)
            return not_valid("ResourceArn must be an ARN of at most " +
                             std::to_string(longest_resource_name) + " bytes, or *");
        if (aws::is_account_id(arn->account)) into.resource_owner = arn->account;
    }
    const auto owner = given.text("ResourceOwner");
    if (!owner) return {};
    if (!aws::is_account_id(*owner))
        return not_valid("ResourceOwner must be an account: 12 digits");
    if (!into.resource_owner.empty() && into.resource_owner != *owner)
        return wire_error("InvalidParameterCombination",
                          "ResourceOwner is not the account in ResourceArn");
    into.resource_owner = *owner;
    return {};
}

base::result<std::optional<decision_request>> read_decision(const parameters& given) {
    const auto action = given.text("ActionName");
    const auto resource = given.text("ResourceArn");
    const auto policy = given.text("ResourcePolicy");
    auto context = read_context(given);
    if (!context) return context.error();
    if (!action) {
        if (resource || policy || given.find("ResourceOwner") != nullptr || !context->empty())
            return wire_error("InvalidParameterCombination",
                              "ResourceArn, ResourceOwner, ResourcePolicy and ContextEntries need "
                              "an ActionName: they belong to a decision");
        return std::optional<decision_request>();
    }
    if (!is_action(*action))
        return not_valid("ActionName must be one action without wildcards, such as s3:GetObject");
    if (!resource)
        return not_valid("ActionName needs a ResourceArn; * for actions that have no resource");
    decision_request out;
    out.action = *action;
    out.resource = *resource;
    out.context = std::move(*context);
    if (auto done = read_owner(given, out); !done) return done.error();
    if (policy) {
        auto parsed = policy::document::parse(*policy, policy::document_kind::resource);
        if (!parsed)
            return wire_error("MalformedPolicyDocument",
                              "ResourcePolicy: " + parsed.error().message);
        out.resource_policy = std::move(*parsed);
    }
    return std::optional<decision_request>(std::move(out));
}

/// Days on which something could have been signed that is still good: presigned requests live for
/// seven days at most. Not those to come: nobody gets keys in advance.
base::result<void> check_date(const std::string& date, base::wall_time now, base::seconds skew) {
    const auto day = base::parse_iso8601_basic(date + "T000000Z");
    if (!day) return not_valid("Date must be the day of the credential scope, as 20261128");
    if (*day > now + skew) return not_valid("Date is in the future");
    constexpr base::seconds one_day{24 * 60 * 60};
    if (*day + one_day + sigv4::max_expires + skew < now)
        return not_valid("Date is more than seven days ago: nothing signed then is still valid");
    return {};
}

base::result<void> check_scope(const sigv4::scope& scope) {
    if (!aws::is_region(scope.region))
        return not_valid("Region must be the region of the credential scope, as us-east-1");
    // Whoever had that key could call this issuer as the caller.
    for (const std::string_view own : {"sts", "iam"}) {
        if (scope.service == own)
            return not_valid("Service cannot be '" + std::string(own) +
                             "': such signatures are for the issuer itself");
    }
    return {};
}

}  // namespace

base::result<verify_caller_input> verify_caller_input::read(const parameters& from,
                                                            base::wall_time now,
                                                            base::seconds clock_skew) {
    if (auto done = check_names(from); !done) return done.error();
    const auto id = from.text("AccessKeyId"), token = from.text("SessionToken");
    const auto date = from.text("Date"), region = from.text("Region");
    const auto service = from.text("Service");
    constraints c;
    c.required(id, "accessKeyId");
    c.text(id, "accessKeyId", {1, sigv4::max_access_key_id_bytes}, &key_id_characters);
    c.text(token, "sessionToken", {1, max_session_token_characters}, nullptr);
    c.required(date, "date");
    c.required(region, "region");
    c.required(service, "service");
    c.text(service, "service", {1, longest_scope_service}, &service_characters);
    if (auto done = c.check(); !done) return done.error();

    verify_caller_input out{*id, token, {*date, *region, *service}, {}};
    if (auto done = check_scope(out.scope); !done) return done.error();
    if (auto done = check_date(out.scope.date, now, clock_skew); !done) return done.error();
    auto asked = read_decision(from);
    if (!asked) return asked.error();
    out.asked = std::move(*asked);
    return out;
}

}  // namespace sts
