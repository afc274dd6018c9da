#include "policy/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <boost/json/value.hpp>

#include "encoding/json.hpp"
#include "policy/quota.hpp"
#include "policy/unicode.hpp"

namespace policy {

namespace {

namespace json = boost::json;

constexpr const char* syntax_errors = "Syntax errors in policy.";
constexpr const char* no_vendor =
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
constexpr const char* old_version = "Policy document must be version 2012-10-17 or greater.";
constexpr const char* repeated_sid = "Statement IDs (SID) in a single policy must be unique.";
constexpr const char* no_actions = "Policy statement must contain actions.";
constexpr const char* no_resources = "Policy statement must contain resources.";

/// AWS's text first, since people search for it; then what is wrong.
base::error malformed(std::string_view text, std::string_view detail = {}) {
    std::string message(text);
    if (!detail.empty()) message.append(" (").append(detail).append(")");
    return {base::error_kind::invalid, std::move(message), "MalformedPolicyDocument"};
}

/// Of several errors IAM reports the one whose check comes first: the smallest rank.
std::size_t rank(std::string_view message) {
    constexpr std::string_view first[] = {syntax_errors, old_version, legacy_parsing, repeated_sid,
                                          no_actions};
    constexpr std::string_view of_a_resource[] = {"Resource ", "Partition ", "IAM resource "};
    const auto starts = [&](std::string_view text) { return message.starts_with(text); };
    const auto found = std::find_if(std::begin(first), std::end(first), starts);
    if (found != std::end(first)) return std::size_t(found - std::begin(first));
    if (std::any_of(std::begin(of_a_resource), std::end(of_a_resource), starts))
        return std::size(first);
    return std::size(first) + (message == no_resources ? 2 : 1);
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

base::result<pattern> compile_resource(std::string_view text, std::string_view partition,
                                       bool variables) {
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
    if (auto sound = check_resource_format(text, partition); !sound)
        return malformed(sound.error().message);
    return parsed;
}

/// Reads one statement. `where` names it in errors.
class statement_reader {
public:
    statement_reader(document_kind kind, std::string_view partition, bool variables)
        : kind_(kind), partition_(partition), variables_(variables) {}

    base::result<statement> read(const json::value& value, const std::string& where);
    /// After a failure: the members that lead to it.
    const std::vector<std::string>& path() const { return worst_path_; }
    /// Even after a failure, as far as it could be read.
    const std::string& sid() const { return out_.sid; }

private:
    base::error bad(std::string_view what) const {
        return malformed(syntax_errors, where_ + ": " + std::string(what));
    }
    /// Keeps the error that IAM would report.
    void note(base::error error) {
        if (worst_ && rank(worst_->message) <= rank(error.message)) return;
        worst_ = std::move(error);
        worst_path_ = path_;
    }
    void read_members(const json::object& members);
    base::result<void> read_member(std::string_view name, const json::value& value);
    base::result<void> read_sid(const json::value& value);
    base::result<void> read_effect(const json::value& value);
    base::result<void> read_actions(const json::value& value);
    base::result<void> read_resources(const json::value& value);
    base::result<void> read_principals(const json::value& value);
    base::result<void> read_conditions(const json::value& value);
    base::result<void> read_condition(std::string_view operation, std::string_view key,
                                      const json::value& value);
    void check_complete();

    document_kind kind_;
    std::string_view partition_;
    bool variables_;
    std::string where_;
    std::vector<std::string> path_;
    std::optional<base::error> worst_;
    std::vector<std::string> worst_path_;
    statement out_;
    bool has_effect_ = false, has_action_ = false, has_resource_ = false, has_principal_ = false;
};

base::result<statement> statement_reader::read(const json::value& value, const std::string& where) {
    where_ = where;
    const json::object* members = value.if_object();
    if (members == nullptr) return bad("a statement is an object");
    read_members(*members);
    check_complete();
    if (worst_) return *worst_;
    return std::move(out_);
}

void statement_reader::read_members(const json::object& members) {
    for (const auto& member : members) {
        path_.assign(1, std::string(member.key()));
        if (auto done = read_member(member.key(), member.value()); !done) note(done.error());
    }
    path_.clear();
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
    if (list->empty()) return malformed(no_actions);
    for (const std::string& text : *list) {
        auto compiled = compile_action(text, kind_);
        if (!compiled) {
            note(compiled.error());
            continue;
        }
        out_.actions.push_back(std::move(*compiled));
        out_.action_texts.push_back(text);
    }
    return {};
}

base::result<void> statement_reader::read_resources(const json::value& value) {
    const auto list = strings(value, false);
    if (!list) return bad("Resource is a string or a list of strings");
    if (list->empty()) return malformed(no_resources);
    std::optional<base::error> wrong, legacy;
    for (const std::string& text : *list) {
        auto compiled = compile_resource(text, partition_, variables_);
        if (!compiled) {
            // The legacy parser sees only resources whose format is right.
            if (compiled.error().message != legacy_parsing)
                wrong = wrong.value_or(compiled.error());
            else
                legacy = compiled.error();
            continue;
        }
        out_.resources.push_back(std::move(*compiled));
        out_.resource_texts.push_back(text);
    }
    if (wrong) return *wrong;
    if (legacy) return *legacy;
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
            auto done = read_condition(operation.key(), key.key(), key.value());
            if (!done) note(done.error());
            path_.pop_back();
        }
        path_.pop_back();
    }
    return {};
}

base::result<void> statement_reader::read_condition(std::string_view operation,
                                                    std::string_view key,
                                                    const json::value& value) {
    auto values = strings(value, true);
    if (!values) return bad("condition values are strings");
    const condition::rules rules{variables_, kind_ == document_kind::session};
    const bool vendor = key.find(':') != std::string_view::npos;
    const bool date = operation.find("Date") != std::string_view::npos &&
                      condition::parse({operation, "aws:CurrentTime", {}}, rules).has_value();
    if (date && !rules.lenient_literals) {
        for (const std::string& text : *values) {
            if (!parse_date(text))
                return malformed(legacy_parsing, where_ + ": '" + text +
                                                     "' is not a date (condition key '" +
                                                     std::string(key) + "')");
        }
    }
    // No request has such a key: IfExists and negated operators would hold for everyone.
    if (!vendor) return malformed(no_vendor, "condition key '" + std::string(key) + "'");
    auto parsed = condition::parse({operation, key, std::move(*values)}, rules);
    if (!parsed) return bad(parsed.error().message);
    // IAM: a key may stand once under an operator, and keys ignore case.
    for (const condition& before : out_.conditions) {
        if (before.operation() == operation && before.key() == parsed->key())
            return bad("condition key '" + std::string(key) + "' occurs twice");
    }
    out_.conditions.push_back(std::move(*parsed));
    return {};
}

void statement_reader::check_complete() {
    if (!has_effect_) note(bad("Effect is missing"));
    if (!has_action_) note(malformed(no_actions));
    if (has_principals(kind_) && !has_principal_)
        note(malformed("Missing required field Principal"));
    if (kind_ != document_kind::trust && !has_resource_) note(malformed(no_resources));
    // IAM User Guide: NotPrincipal with Allow is not supported; it would grant to everyone else.
    if (out_.not_principal && out_.allow)
        note(bad("NotPrincipal goes with \"Effect\": \"Deny\" only"));
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
            if (!out.variables && text_of(*version) != "2008-10-17") return malformed(old_version);
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

document document::read(std::string_view text, document_kind kind, std::string_view partition,
                        std::vector<problem>& wrong) {
    document out;
    out.kind_ = kind;
    const std::size_t limit = limit_of(kind);
    if (text.size() > policy_document_bytes || counted_characters(text) > limit) {
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
    std::vector<std::string> sids;
    const auto add = [&](const json::value& value, std::size_t index, bool listed) {
        statement_reader reader(kind, partition, outline->variables);
        std::vector<std::string> place{"Statement"};
        if (listed) place.push_back(std::to_string(index));
        auto one = reader.read(value, "Statement[" + std::to_string(index) + "]");
        const std::string sid = one ? one->sid : reader.sid();
        const bool repeated =
            !sid.empty() && std::find(sids.begin(), sids.end(), sid) != sids.end();
        sids.push_back(sid);
        if (repeated && (one || rank(one.error().message) > rank(repeated_sid))) {
            place.push_back("Sid");
            wrong.push_back({malformed(repeated_sid), std::move(place)});
            return;
        }
        if (!one) {
            place.insert(place.end(), reader.path().begin(), reader.path().end());
            wrong.push_back({one.error(), std::move(place)});
            return;
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

base::result<document> document::parse(std::string_view text, document_kind kind,
                                       std::string_view partition) {
    std::vector<problem> wrong;
    document out = read(text, kind, partition, wrong);
    const auto first =
        std::min_element(wrong.begin(), wrong.end(), [](const problem& a, const problem& b) {
            return rank(a.error.message) < rank(b.error.message);
        });
    if (first != wrong.end()) return std::move(first->error);
    return out;
}

std::vector<problem> document::check(std::string_view text, document_kind kind,
                                     std::string_view partition) {
    std::vector<problem> wrong;
    read(text, kind, partition, wrong);
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
