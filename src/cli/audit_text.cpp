#include "cli/audit_text.hpp"

#include <boost/json/object.hpp>

#include "audit/chain.hpp"
#include "cli/text.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

namespace json = boost::json;

void add(std::string& text, std::string_view before, const std::string& value) {
    if (value.empty()) return;
    text += ' ';
    text += before;
    text += value;
}

std::string first_of(const json::object& from, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (std::string value = shown(from, name); !value.empty()) return value;
    }
    return {};
}

std::string who(const json::object& record) {
    const json::object* identity = object_in(record, "userIdentity");
    if (identity == nullptr) return "-";
    if (std::string name = first_of(*identity, {"arn", "invokedBy"}); !name.empty()) return name;
    std::string text = shown(*identity, "type");
    add(text, "", first_of(*identity, {"principalId", "unit", "userUnit", "cgroup", "user"}));
    add(text, "uid ", shown(*identity, "uid"));
    add(text, "of ", shown(*identity, "accountId"));
    return text.empty() ? "-" : text;
}

std::string result(const json::object& record) {
    std::string text;
    if (const json::object* asked = object_in(record, "requestParameters")) {
        add(text, "", first_of(*asked, {"roleArn", "role", "userName", "targetPrincipal", "name"}));
        add(text, "session ", shown(*asked, "roleSessionName"));
        add(text, "profile ", shown(*asked, "profile"));
    }
    if (std::string code = shown(record, "errorCode"); !code.empty()) {
        add(text, "FAILED ", code);
        add(text, "", shown(record, "errorMessage"));
        return text;
    }
    if (const json::object* given = object_in(record, "responseElements")) {
        const json::object* credentials = object_in(*given, "credentials");
        add(text, "-> ", shown(credentials != nullptr ? *credentials : *given, "accessKeyId"));
    }
    return text;
}

}  // namespace

std::string audit_line_text(std::string_view record) {
    constexpr std::size_t most_shown = 200;
    const auto value = encoding::parse_json(record, {64, audit::longest_line});
    if (!value || !value->is_object())
        return "(not a record) " + printable(record.substr(0, most_shown));
    const json::object& members = value->get_object();
    std::string text = shown(members, "eventTime");
    add(text, "", shown(members, "eventName"));
    add(text, "by ", who(members));
    const std::string from = shown(members, "sourceIPAddress");
    // A service stands for itself there.
    if (from != shown(members, "eventSource")) add(text, "from ", from);
    return text + result(members);
}

}  // namespace cli
