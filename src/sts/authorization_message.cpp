#include "sts/authorization_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "encoding/base64.hpp"
#include "policy/unicode.hpp"
#include "sts/session/byte_codec.hpp"
#include "sts/session/sealed_text.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

namespace json = boost::json;
using policy::effect;
using policy::policy_type;

/// Lists of what a message shows end where they would make it too long to be sent back:
/// 10240 characters of base64 are 7680 bytes, with what the sealing adds.
constexpr std::size_t most_json_bytes = 7'400;
constexpr std::size_t statement_budget = 3'500;
constexpr std::size_t condition_budget = 2'600;
constexpr std::size_t longest_value = 256;

std::string cut(std::string_view text) {
    std::string_view out = text.substr(0, longest_value);
    while (out.size() < text.size() && !out.empty() && (text[out.size()] & 0xc0) == 0x80)
        out.remove_suffix(1);
    return out.size() < text.size() ? std::string(out) + "..." : std::string(out);
}

json::object items(json::array list) {
    return {{"items", std::move(list)}};
}

json::object value(std::string_view text) {
    return {{"value", cut(text)}};
}

/// Adds while the budget lasts; false once something was left out.
bool add(json::array& list, json::object one, std::size_t& budget) {
    const std::size_t size = json::serialize(one).size() + 1;
    if (size > budget) return false;
    budget -= size;
    list.push_back(std::move(one));
    return true;
}

template <class Texts, class Shown>
json::object list_of(const Texts& texts, std::size_t& budget, Shown shown) {
    json::array out;
    for (const auto& one : texts) {
        if (!add(out, shown(one), budget)) break;
    }
    return items(std::move(out));
}

json::object shown_statement(const policy::opinion& said, std::size_t& budget) {
    const policy::statement& s = said.text->statements()[said.statement];
    json::object out;
    out["statementId"] = cut(said.by());
    out["effect"] = s.allow ? "ALLOW" : "DENY";
    out["principals"] = list_of(s.principals, budget,
                                [](const policy::principal_element& p) { return value(p.text()); });
    out["principalGroups"] = items({});
    out["actions"] = list_of(s.action_texts, budget, value);
    out["resources"] = list_of(s.resource_texts, budget, value);
    out["conditions"] = list_of(s.conditions, budget, [&](const policy::condition& c) {
        std::size_t values_budget = budget;
        return json::object{{"operator", cut(c.operation())},
                            {"key", cut(c.key())},
                            {"values", list_of(c.values(), values_budget, value)}};
    });
    return out;
}

std::string_view principal_name(const caller& by) {
    if (by.through && by.principal.kind != policy::principal::type::user)
        return by.through->session_name;
    return by.user != nullptr ? std::string_view(by.user->name) : by.principal.account;
}

bool may_show(policy_type type, authorization_side side) {
    const bool theirs = type == policy_type::resource || type == policy_type::resource_control;
    return side == authorization_side::both || theirs == (side == authorization_side::resource);
}

/// Why nothing allowed it. What the other account said is one text, whatever it was: it would tell
/// whether there is such a role.
void add_failure(const authorization_facts& of, authorization_side side, json::array& to) {
    const std::string action(of.action);
    if (may_show(of.decided.decided_by, side) && of.decided.outcome != effect::explicit_deny) {
        to.push_back(value(std::string("No ") + policy::to_string(of.decided.decided_by) +
                           " allows the " + action + " action"));
    } else {
        to.push_back(
            value("The policies of another account do not allow the " + action + " action"));
    }
}

}  // namespace

std::string authorization_message(const authorization_facts& of, authorization_side side) {
    json::array matched, failures;
    std::size_t budget = statement_budget;
    bool explicit_deny = false;
    for (std::size_t i = 0; i < policy::policy_types; ++i) {
        const auto type = policy_type(i);
        const policy::opinion& said = of.decided.of(type);
        if (said.text == nullptr || !may_show(type, side)) continue;
        explicit_deny = explicit_deny || said.outcome == effect::explicit_deny;
        std::size_t inner = budget;
        if (!add(matched, shown_statement(said, inner), budget))
            failures.push_back(value("A statement is too long to be shown"));
    }
    if (!explicit_deny) add_failure(of, side, failures);

    json::array conditions;
    budget = condition_budget;
    for (const policy::context::attribute& one : of.facts.all()) {
        json::array values;
        for (const std::string& text : one.values)
            values.push_back(value(text));
        json::object shown{{"key", cut(one.key)}, {"values", items(std::move(values))}};
        if (!add(conditions, std::move(shown), budget)) {
            failures.push_back(value("Some conditions are left out"));
            break;
        }
    }

    const caller& by = of.by;
    json::object context;
    context["principal"] = {
        {"id", by.user_id}, {"name", principal_name(by)}, {"arn", by.principal.arn}};
    context["action"] = of.action;
    context["resource"] = cut(of.resource);
    context["conditions"] = items(std::move(conditions));

    json::object out;
    out["allowed"] = of.decided.allowed();
    out["explicitDeny"] = explicit_deny;
    out["matchedStatements"] = items(std::move(matched));
    out["failures"] = items(std::move(failures));
    out["context"] = std::move(context);
    std::string text = json::serialize(out);
    if (text.size() > most_json_bytes) {  // principals' names alone cannot, but nothing may fail
        out["matchedStatements"] = items({});
        text = json::serialize(out);
    }
    return text;
}

std::string seal_authorization_message(std::string_view json, std::string_view account,
                                       std::string_view partition, const key_ring& ring,
                                       base::random& random, base::wall_time now) {
    std::string inside;
    put_time(inside, now);
    inside.append(json);
    return encoding::base64url(
        seal_bytes(key_ring::purpose::authorization_message, {partition, ring.issuer_id(), account},
                   inside, ring, random),
        false);
}

base::result<std::string> open_authorization_message(std::string_view text,
                                                     std::string_view account,
                                                     std::string_view partition,
                                                     const key_ring& ring, base::wall_time now) {
    const auto refused = wire_error("InvalidAuthorizationMessageException",
                                    "The encoded authorization message is invalid or has expired.");
    const auto envelope = encoding::decode_base64url(text);
    if (text.size() > longest_encoded_message || !envelope) return refused;
    const auto inside = open_bytes(key_ring::purpose::authorization_message,
                                   {partition, ring.issuer_id(), account}, *envelope, ring);
    if (!inside) return refused;
    byte_reader in(*inside);
    const base::wall_time made = in.time();
    if (!in.ok() || now >= made + authorization_message_life) return refused;
    constexpr std::size_t time_size = 8;
    return inside->substr(time_size);
}

}  // namespace sts
