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
constexpr const char* no_vendor =
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

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

std::size_t white_space(std::string_view text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }));
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
    if (colon == std::string_view::npos) return malformed(no_vendor);
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
    /// After a failure: the members that lead to it.
    const std::vector<std::string>& path() const { return path_; }

private:
    base::error bad(std::string_view what) const {
        return malformed(syntax_errors, where_ + ": " + std::string(what));
    }
    base::result<void> read_members(const json::object& members);
    base::result<void> read_member(std::string_view name, const json::value& value);
    base::result<void> read_sid(const json::value& value);
    base::result<void> read_effect(const json::value& value);
    base::result<void> read_actions(const json::value& value);
    base::result<void> read_resources(const json::value& value);
    base::result<void> read_principals(const json::value& value);
    base::result<void> read_conditions(const json::value& value);
    base::result<void> check_complete() const;

    document_kind kind_;
    bool variables_;
    std::string where_;
    std::vector<std::string> path_;
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
        path_.assign(1, std::string(member.key()));
        if (auto done = read_member(member.key(), member.value()); !done) return done;
    }
    path_.clear();
    return {};
}

base::result<void> statement_reader::read_member(std::string_view name, const json::value& value) {
    if (name == "Sid") return read_sid(value);
    if (name == "Effect") return read_effect(value);
    if (name == "Action" || name == "NotAction") {
        if (has_action_) return bad("either Action or NotAction");
        has_action_ = true;
        out_.not_action = name == "NotAction";
        return read_actions(value);
    }
    if (name == "Resource" || name == "NotResource") {
        if (kind_ == document_kind::trust)
            return malformed("Has prohibited field " + std::string(name) + ".");
        if (has_resource_) return bad("either Resource or NotResource");
        has_resource_ = true;
        out_.not_resource = name == "NotResource";
        return read_resources(value);
    }
    if (name == "Principal" || name == "NotPrincipal") {
        if (!has_principals(kind_))
            return malformed("Policy document should not specify a principal.");
        if (name == "NotPrincipal" && kind_ != document_kind::resource)
            return malformed("Has prohibited field NotPrincipal.");
        if (has_principal_) return bad("either Principal or NotPrincipal");
        has_principal_ = true;
        out_.not_principal = name == "NotPrincipal";
        return read_principals(value);
    }
    if (name == "Condition") return read_conditions(value);
    return bad("unknown key \"" + std::string(name) + "\"");
}

base::result<void> statement_reader::read_sid(const json::value& value) {
    if (!value.is_string()) return bad("Sid is a string");
    out_.sid = text_of(value.get_string());
    if (!alphanumeric(out_.sid))
        return malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*");
    return {};
}

base::result<void> statement_reader::read_effect(const json::value& value) {
    const bool allow = value.is_string() && text_of(value.get_string()) == "Allow";
    const bool deny = value.is_string() && text_of(value.get_string()) == "Deny";
    if (!allow && !deny) return bad("Effect is \"Allow\" or \"Deny\"");
    out_.allow = allow;
    has_effect_ = true;
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
        out_.action_texts.push_back(text);
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
        out_.resource_texts.push_back(text);
    }
    return {};
}

base::result<void> statement_reader::read_principals(const json::value& value) {
    const bool everyone = value.is_string() && text_of(value.get_string()) == "*";
    // Seen on AWS: a role trust takes {"AWS": "*"} but not the bare "*".
    if (everyone && kind_ != document_kind::trust) {
        out_.principals.push_back(principal_element::everyone());
        return {};
    }
    const json::object* kinds = value.if_object();
    if (kind_ == document_kind::resource_control || kinds == nullptr || kinds->empty())
        return malformed("Invalid principal in policy");
    for (const auto& kind : *kinds) {
        path_.push_back(std::string(kind.key()));
        const auto list = strings(kind.value(), false);
        if (!list || list->empty()) return malformed("Invalid principal in policy");
        for (const std::string& text : *list) {
            auto element = principal_element::parse(kind.key(), text);
            if (!element) return malformed(element.error().message);
            // A role is assumed by an identity; an S3 account id names none.
            if (kind_ == document_kind::trust &&
                element->kind() == principal_element::type::canonical_user)
                return malformed("Invalid principal in policy: " + element->text());
            out_.principals.push_back(std::move(*element));
        }
        path_.pop_back();
    }
    return {};
}

base::result<void> statement_reader::read_conditions(const json::value& value) {
    const json::object* operations = value.if_object();
    if (operations == nullptr) return bad("Condition is an object");
    for (const auto& operation : *operations) {
        path_.push_back(std::string(operation.key()));
        const json::object* keys = operation.value().if_object();
        if (keys == nullptr || keys->empty())
            return bad("a condition operator holds an object of keys and values");
        for (const auto& key : *keys) {
            path_.push_back(std::string(key.key()));
            if (key.key().find(':') == std::string_view::npos)
                return malformed(no_vendor, "condition key '" + std::string(key.key()) + "'");
            auto values = strings(key.value(), true);
            if (!values) return bad("condition values are strings");
            auto parsed = condition::parse({operation.key(), key.key(), std::move(*values)},
                                           {variables_, kind_ == document_kind::session});
            if (!parsed) return bad(parsed.error().message);
            // IAM: a key may stand once under an operator, and keys ignore case.
            for (const condition& before : out_.conditions) {
                if (before.operation() == operation.key() && before.key() == parsed->key())
                    return bad("condition key '" + std::string(key.key()) + "' occurs twice");
            }
            out_.conditions.push_back(std::move(*parsed));
            path_.pop_back();
        }
        path_.pop_back();
    }
    return {};
}

base::result<void> statement_reader::check_complete() const {
    if (!has_effect_) return bad("Effect is missing");
    if (!has_action_) return malformed("Policy statement must contain actions.");
    if (has_principals(kind_) && !has_principal_)
        return malformed("Missing required field Principal");
    if (kind_ != document_kind::trust && !has_resource_)
        return malformed("Policy statement must contain resources.");
    // IAM User Guide: NotPrincipal with Allow is not supported; it would grant to everyone else.
    if (out_.not_principal && out_.allow)
        return bad("NotPrincipal goes with \"Effect\": \"Deny\" only");
    return {};
}

std::size_t limit_of(document_kind kind) {
    switch (kind) {
        case document_kind::identity:
            return identity_policy_characters;
        case document_kind::boundary:
            return boundary_policy_characters;
        case document_kind::session:
            return session_policy_characters;
        case document_kind::trust:
            return trust_policy_characters;
        case document_kind::resource:
            return resource_policy_characters;
        case document_kind::service_control:
        case document_kind::resource_control:
            return control_policy_characters;
    }
    return 0;
}

/// The document's own members; its statements are left to the caller.
struct outline {
    bool variables = false;
    const json::value* statements = nullptr;
};

base::result<outline> read_outline(const json::object& members, std::vector<std::string>& path) {
    outline out;
    for (const auto& member : members) {
        const std::string_view name = member.key();
        path.assign(1, std::string(name));
        if (name == "Version") {
            const json::string* version = member.value().if_string();
            if (version == nullptr) return malformed(syntax_errors, "Version is a string");
            out.variables = text_of(*version) == "2012-10-17";
            if (!out.variables && text_of(*version) != "2008-10-17")
                return malformed("Policy document must be version 2012-10-17 or greater.");
        } else if (name == "Id") {
            if (!member.value().is_string()) return malformed(syntax_errors, "Id is a string");
        } else if (name == "Statement") {
            out.statements = &member.value();
        } else {
            return malformed(syntax_errors, "unknown key \"" + std::string(name) + "\"");
        }
    }
    path.clear();
    if (out.statements == nullptr) return malformed(syntax_errors, "Statement is missing");
    if (const json::array* list = out.statements->if_array(); list != nullptr && list->empty()) {
        path.assign(1, "Statement");
        return malformed(syntax_errors, "Statement is empty");
    }
    return out;
}

}  // namespace

const char* to_string(document_kind kind) {
    switch (kind) {
        case document_kind::identity:
            return "identity";
        case document_kind::boundary:
            return "boundary";
        case document_kind::session:
            return "session";
        case document_kind::trust:
            return "trust";
        case document_kind::resource:
            return "resource";
        case document_kind::service_control:
            return "service-control";
        case document_kind::resource_control:
            return "resource-control";
    }
    return "";
}

document document::read(std::string_view text, document_kind kind, std::vector<problem>& wrong) {
    document out;
    out.kind_ = kind;
    const std::size_t limit = limit_of(kind);
    if (text.size() > policy_document_bytes || utf16_length(text) - white_space(text) > limit) {
        wrong.push_back(
            {malformed("The policy is longer than " + std::to_string(limit) + " characters.")});
        return out;
    }
    const auto parsed = encoding::parse_json(text);
    if (!parsed) {
        wrong.push_back({malformed(syntax_errors, parsed.error().message)});
        return out;
    }
    const json::object* members = parsed->if_object();
    if (members == nullptr) {
        wrong.push_back({malformed(syntax_errors, "a policy is a JSON object")});
        return out;
    }
    std::vector<std::string> path;
    const auto outline = read_outline(*members, path);
    if (!outline) {
        wrong.push_back({outline.error(), std::move(path)});
        return out;
    }
    const auto add = [&](const json::value& value, std::size_t index, bool listed) {
        statement_reader reader(kind, outline->variables);
        std::vector<std::string> place{"Statement"};
        if (listed) place.push_back(std::to_string(index));
        auto one = reader.read(value, "Statement[" + std::to_string(index) + "]");
        if (!one) {
            place.insert(place.end(), reader.path().begin(), reader.path().end());
            wrong.push_back({one.error(), std::move(place)});
            return;
        }
        const bool repeated =
            !one->sid.empty() && std::any_of(out.statements_.begin(), out.statements_.end(),
                                             [&](const statement& s) { return s.sid == one->sid; });
        if (repeated) {
            place.push_back("Sid");
            wrong.push_back({malformed("Statement IDs (SID) in a single policy must be unique."),
                             std::move(place)});
        }
        out.statements_.push_back(std::move(*one));
    };
    if (const json::array* list = outline->statements->if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i)
            add((*list)[i], i, true);
    } else {
        add(*outline->statements, 0, false);
    }
    return out;
}

base::result<document> document::parse(std::string_view text, document_kind kind) {
    std::vector<problem> wrong;
    document out = read(text, kind, wrong);
    if (!wrong.empty()) return std::move(wrong.front().error);
    return out;
}

std::vector<problem> document::check(std::string_view text, document_kind kind) {
    std::vector<problem> wrong;
    read(text, kind, wrong);
    return wrong;
}

std::string document::label(std::size_t index) const {
    if (index < statements_.size() && !statements_[index].sid.empty())
        return statements_[index].sid;
    return "Statement[" + std::to_string(index) + "]";
}

std::vector<std::string> document::bind(const principal_directory& known) {
    std::vector<std::string> unknown;
    for (statement& s : statements_) {
        for (principal_element& element : s.principals) {
            if (!element.bind(known)) unknown.push_back(element.value());
        }
    }
    return unknown;
}

}  // namespace policy
