#include "policy/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <boost/json/value.hpp>

#include "encoding/json.hpp"
#include "policy/unicode.hpp"

namespace policy {

namespace {

namespace json = boost::json;

constexpr const char* syntax_errors = "Syntax errors in policy.";

/// AWS's text first, since people search for it; then what is wrong.
base::error malformed(std::string_view text, std::string_view detail = {}) {
    std::string message(text);
    if (!detail.empty()) message.append(" (").append(detail).append(")");
    return {base::error_kind::invalid, std::move(message), "MalformedPolicyDocument"};
}

bool alphanumeric(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

std::string_view text_of(const json::string& text) {
    return {text.data(), text.size()};
}

/// Without an exponent, which IAM's numbers do not have.
std::string plain_number(double value) {
    std::array<char, 512> text{};  // the largest double has 309 digits
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return std::string(text.data(), end.ptr);
}

/// A string, or an array of strings. Scalars that are not strings pass only where IAM tolerates
/// them (condition values).
std::optional<std::vector<std::string>> strings(const json::value& value, bool scalars) {
    const auto one = [scalars](const json::value& v) -> std::optional<std::string> {
        if (v.is_string()) return std::string(text_of(v.get_string()));
        if (!scalars) return std::nullopt;
        if (v.is_double()) return plain_number(v.get_double());
        if (v.is_bool() || v.is_number()) return encoding::json_text(v);
        return std::nullopt;
    };
    std::vector<std::string> out;
    if (const json::array* list = value.if_array()) {
        for (const json::value& item : *list) {
            auto text = one(item);
            if (!text) return std::nullopt;
            out.push_back(std::move(*text));
        }
        return out;
    }
    auto text = one(value);
    if (!text) return std::nullopt;
    out.push_back(std::move(*text));
    return out;
}

base::result<std::string> compile_action(std::string_view text, document_kind kind) {
    const auto colon = text.find(':');
    if (text == "*" && kind != document_kind::trust) return compile_wildcards(text);
    if (colon == std::string_view::npos)
        return malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (text.find(':', colon + 1) != std::string_view::npos)
        return malformed("Actions/Condition can contain only one colon.");
    const std::string_view vendor = text.substr(0, colon);
    const bool vendor_ok = !vendor.empty() && std::all_of(vendor.begin(), vendor.end(), [](char c) {
        return alphanumeric({&c, 1}) || c == '-' || c == '.';
    });
    if (!vendor_ok) return malformed("Vendor " + std::string(vendor) + " is not valid");
    std::string compiled = compile_wildcards(lower_case(text));
    if (kind == document_kind::trust) {
        constexpr std::string_view assuming[] = {
            "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
            "sts:TagSession", "sts:SetSourceIdentity",  "sts:SetContext"};
        const bool known =
            std::any_of(std::begin(assuming), std::end(assuming),
                        [&](std::string_view a) { return glob_ignoring_case(compiled, a); });
        if (!known)
            return malformed(
                "Trust Policy statement actions can only be sts:AssumeRole, "
                "sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity");
    }
    return compiled;
}

base::result<pattern> compile_resource(std::string_view text, document_kind kind, bool variables) {
    auto parsed = pattern::parse(text, {true, variables});
    if (!parsed) return malformed(syntax_errors, parsed.error().message);
    const auto fields = split_arn(text);
    if (parsed->has_variables()) {
        // Variables count in the resource part only: behind the fifth colon.
        const bool behind =
            fields && std::size_t((*fields)[5].data() - text.data()) <= parsed->first_variable();
        if (!behind)
            return malformed(syntax_errors,
                             "a variable may only stand in the resource part of an ARN");
    }
    if (text == "*" || kind == document_kind::session) return parsed;
    if (!text.starts_with("arn:"))
        return malformed("Resource " + std::string(text) + " must be in ARN format or \"*\".");
    if (!fields) return malformed("The policy failed legacy parsing");
    return parsed;
}

/// Reads one statement. `where` names it in errors.
class statement_reader {
public:
    statement_reader(document_kind kind, bool variables) : kind_(kind), variables_(variables) {}

    base::result<statement> read(const json::value& value, const std::string& where);

private:
    base::error bad(std::string_view what) const {
        return malformed(syntax_errors, where_ + ": " + std::string(what));
    }
    base::result<void> read_members(const json::object& members);
    base::result<void> read_actions(const json::value& value);
    base::result<void> read_resources(const json::value& value);
    base::result<void> read_principals(const json::value& value);
    base::result<void> read_conditions(const json::value& value);
    base::result<void> check_complete() const;

    document_kind kind_;
    bool variables_;
    std::string where_;
    statement out_;
    bool has_effect_ = false, has_action_ = false, has_resource_ = false, has_principal_ = false;
};

base::result<statement> statement_reader::read(const json::value& value, const std::string& where) {
    where_ = where;
    const json::object* members = value.if_object();
    if (members == nullptr) return bad("a statement is an object");
    if (auto done = read_members(*members); !done) return done.error();
    if (auto done = check_complete(); !done) return done.error();
    return std::move(out_);
}

base::result<void> statement_reader::read_members(const json::object& members) {
    for (const auto& member : members) {
        const std::string_view name = member.key();
        const json::value& value = member.value();
        base::result<void> done;
        if (name == "Sid") {
            if (!value.is_string()) return bad("Sid is a string");
            out_.sid = text_of(value.get_string());
            if (!alphanumeric(out_.sid))
                return malformed(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
                    "the regular expression [0-9A-Za-z]*");
        } else if (name == "Effect") {
            const bool allow = value.is_string() && text_of(value.get_string()) == "Allow";
            const bool deny = value.is_string() && text_of(value.get_string()) == "Deny";
            if (!allow && !deny) return bad("Effect is \"Allow\" or \"Deny\"");
            out_.allow = allow;
            has_effect_ = true;
        } else if (name == "Action" || name == "NotAction") {
            if (has_action_) return bad("either Action or NotAction");
            has_action_ = true;
            out_.not_action = name == "NotAction";
            done = read_actions(value);
        } else if (name == "Resource" || name == "NotResource") {
            if (kind_ == document_kind::trust)
                return malformed("Has prohibited field " + std::string(name) + ".");
            if (has_resource_) return bad("either Resource or NotResource");
            has_resource_ = true;
            out_.not_resource = name == "NotResource";
            done = read_resources(value);
        } else if (name == "Principal" || name == "NotPrincipal") {
            if (kind_ != document_kind::trust)
                return malformed("Policy document should not specify a principal.");
            if (name == "NotPrincipal") return malformed("Has prohibited field NotPrincipal.");
            has_principal_ = true;
            done = read_principals(value);
        } else if (name == "Condition") {
            done = read_conditions(value);
        } else {
            return bad("unknown key \"" + std::string(name) + "\"");
        }
        if (!done) return done.error();
    }
    return {};
}

base::result<void> statement_reader::read_actions(const json::value& value) {
    const auto list = strings(value, false);
    if (!list) return bad("Action is a string or a list of strings");
    if (list->empty()) return malformed("Policy statement must contain actions.");
    for (const std::string& text : *list) {
        auto compiled = compile_action(text, kind_);
        if (!compiled) return compiled.error();
        out_.actions.push_back(std::move(*compiled));
    }
    return {};
}

base::result<void> statement_reader::read_resources(const json::value& value) {
    const auto list = strings(value, false);
    if (!list) return bad("Resource is a string or a list of strings");
    if (list->empty()) return malformed("Policy statement must contain resources.");
    for (const std::string& text : *list) {
        auto compiled = compile_resource(text, kind_, variables_);
        if (!compiled) return compiled.error();
        out_.resources.push_back(std::move(*compiled));
    }
    return {};
}

base::result<void> statement_reader::read_principals(const json::value& value) {
    const json::object* kinds = value.if_object();
    // Seen on AWS: a role trust takes {"AWS": "*"} but not the bare "*".
    if (kinds == nullptr || kinds->empty()) return malformed("Invalid principal in policy");
    for (const auto& kind : *kinds) {
        const auto list = strings(kind.value(), false);
        if (!list || list->empty()) return malformed("Invalid principal in policy");
        for (const std::string& text : *list) {
            auto element = principal_element::parse(kind.key(), text);
            if (!element) return malformed(element.error().message);
            out_.principals.push_back(std::move(*element));
        }
    }
    return {};
}

base::result<void> statement_reader::read_conditions(const json::value& value) {
    const json::object* operations = value.if_object();
    if (operations == nullptr) return bad("Condition is an object");
    for (const auto& operation : *operations) {
        const json::object* keys = operation.value().if_object();
        if (keys == nullptr || keys->empty())
            return bad("a condition operator holds an object of keys and values");
        for (const auto& key : *keys) {
            auto values = strings(key.value(), true);
            if (!values) return bad("condition values are strings");
            auto parsed = condition::parse({operation.key(), key.key(), std::move(*values)},
                                           {variables_, kind_ == document_kind::session});
            if (!parsed) return bad(parsed.error().message);
            out_.conditions.push_back(std::move(*parsed));
        }
    }
    return {};
}

base::result<void> statement_reader::check_complete() const {
    if (!has_effect_) return bad("Effect is missing");
    if (!has_action_) return malformed("Policy statement must contain actions.");
    if (kind_ == document_kind::trust) {
        if (!has_principal_) return malformed("Missing required field Principal");
    } else if (!has_resource_) {
        return malformed("Policy statement must contain resources.");
    }
    return {};
}

std::size_t limit_of(document_kind kind) {
    switch (kind) {
        case document_kind::identity:
            return identity_policy_characters;
        case document_kind::session:
            return session_policy_characters;
        case document_kind::trust:
            return trust_policy_characters;
    }
    return 0;
}

}  // namespace

base::result<document> document::parse(std::string_view text, document_kind kind) {
    const auto spaces = std::count_if(text.begin(), text.end(), [](char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    });
    const std::size_t limit = limit_of(kind);
    if (text.size() - std::size_t(spaces) > limit)
        return malformed("The policy is longer than " + std::to_string(limit) + " characters.");
    const auto parsed = encoding::parse_json(text);
    if (!parsed) return malformed(syntax_errors, parsed.error().message);
    const json::object* members = parsed->if_object();
    if (members == nullptr) return malformed(syntax_errors, "a policy is a JSON object");

    bool variables = false;
    const json::value* statements = nullptr;
    for (const auto& member : *members) {
        const std::string_view name = member.key();
        if (name == "Version") {
            const json::string* version = member.value().if_string();
            if (version == nullptr) return malformed(syntax_errors, "Version is a string");
            variables = text_of(*version) == "2012-10-17";
            if (!variables && text_of(*version) != "2008-10-17")
                return malformed("Policy document must be version 2012-10-17 or greater.");
        } else if (name == "Id") {
            if (!member.value().is_string()) return malformed(syntax_errors, "Id is a string");
        } else if (name == "Statement") {
            statements = &member.value();
        } else {
            return malformed(syntax_errors, "unknown key \"" + std::string(name) + "\"");
        }
    }
    if (statements == nullptr) return malformed(syntax_errors, "Statement is missing");

    document out;
    out.kind_ = kind;
    const auto add = [&](const json::value& value) -> base::result<void> {
        const std::string where = "Statement[" + std::to_string(out.statements_.size()) + "]";
        auto one = statement_reader(kind, variables).read(value, where);
        if (!one) return one.error();
        const bool repeated =
            !one->sid.empty() && std::any_of(out.statements_.begin(), out.statements_.end(),
                                             [&](const statement& s) { return s.sid == one->sid; });
        if (repeated) return malformed("Statement IDs (SID) in a single policy must be unique.");
        out.statements_.push_back(std::move(*one));
        return {};
    };
    if (const json::array* list = statements->if_array()) {
        if (list->empty()) return malformed(syntax_errors, "Statement is empty");
        for (const json::value& value : *list) {
            if (auto done = add(value); !done) return done.error();
        }
    } else if (auto done = add(*statements); !done) {
        return done.error();
    }
    return out;
}

std::string document::label(std::size_t index) const {
    if (index < statements_.size() && !statements_[index].sid.empty())
        return statements_[index].sid;
    return "Statement[" + std::to_string(index) + "]";
}

}  // namespace policy
