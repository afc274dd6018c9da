#include "sts/authorization_message.hpp"

#include "encoding/json.hpp"
#include "fixture.hpp"

// DecodeAuthorizationMessage: cases G21 and G22, and the content of section 10.5.

using namespace fixture;

namespace {

constexpr const char* refused_code = "InvalidAuthorizationMessageException";

/// The message that the audit keeps for an account after a denial.
std::string message_for(const bench& b, std::string_view account) {
    const auto& messages =
        b.records.back().additional.at("encodedAuthorizationMessages").as_object();
    const auto* one = messages.if_contains(account);
    return one == nullptr ? "" : std::string(one->as_string());
}

answer decode(bench& b, const key_pair& by, const std::string& message) {
    return b.send(by, {{"Action", "DecodeAuthorizationMessage"},
                       {"Version", "2011-06-15"},
                       {"EncodedMessage", message}});
}

boost::json::object content(const answer& got) {
    INFO(got.body);
    REQUIRE(got.status == 200);
    std::string text = got.element("DecodedMessage");
    for (auto at = text.find("&quot;"); at != std::string::npos; at = text.find("&quot;"))
        text.replace(at, 6, "\"");
    auto parsed = encoding::parse_json(text);
    REQUIRE(parsed.has_value());
    return parsed->as_object();
}

const boost::json::array& items(const boost::json::value& list) {
    return list.as_object().at("items").as_array();
}

}  // namespace

TEST_CASE("G21 A denial is explained to who may know", "[G21]") {
    bench b;
    const auto alice = b.add_user(
        account_a, "alice", {document(R"({"Sid":"Stop","Effect":"Deny","Action":"sts:AssumeRole",
                       "Resource":"arn:aws:iam::*:role/reader",
                       "Condition":{"StringEquals":{"sts:ExternalId":"xy"}}})")});
    const auto admin = b.add_user(account_a, "admin", {allow_all});
    const auto none = b.add_user(account_a, "none");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    REQUIRE(b.send(alice, bench::assume(role, {{"ExternalId", "xy"}})).status == 403);
    const std::string message = message_for(b, account_a);

    CHECK(decode(b, none, message).code() == "AccessDenied");
    const auto said = content(decode(b, admin, message));
    CHECK(said.at("allowed") == false);
    CHECK(said.at("explicitDeny") == true);
    const auto& statements = items(said.at("matchedStatements"));
    REQUIRE(statements.size() == 2);  // the trust allowed, the user's policy denied
    const auto& deny = statements[1].as_object();
    CHECK(deny.at("statementId") == "p1/Stop");
    CHECK(deny.at("effect") == "DENY");
    CHECK(items(deny.at("actions"))[0].as_object().at("value") == "sts:AssumeRole");
    CHECK(items(deny.at("resources"))[0].as_object().at("value") == "arn:aws:iam::*:role/reader");
    CHECK(items(deny.at("conditions"))[0].as_object().at("key") == "sts:externalid");
    const auto& context = said.at("context").as_object();
    CHECK(context.at("action") == "sts:AssumeRole");
    CHECK(context.at("resource") == boost::json::value(role));
    const auto& principal = context.at("principal").as_object();
    CHECK(principal.at("arn") == boost::json::value(alice_arn));
    CHECK(principal.at("id") == "AIDAalice");
    CHECK(principal.at("name") == "alice");
    bool external_id = false;
    for (const auto& one : items(context.at("conditions")))
        external_id = external_id || one.as_object().at("key") == "sts:externalid";
    CHECK(external_id);
}

TEST_CASE("G21 An implicit denial names what allowed nothing", "[G21]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto admin = b.add_user(account_a, "admin", {allow_all});
    const auto role = b.add_role(account_a, "reader", trust(root_of_a));
    REQUIRE(b.send(alice, bench::assume(role)).status == 403);
    const auto said = content(decode(b, admin, message_for(b, account_a)));
    CHECK(said.at("explicitDeny") == false);
    CHECK(items(said.at("failures"))[0].as_object().at("value") ==
          "No identity-based policy allows the sts:AssumeRole action");
}

TEST_CASE("G22 Each account decodes its own side, and no other's", "[G22]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto owner = b.add_user(account_b, "owner", {allow_all});
    const auto role =
        b.add_role(account_b, "vault",
                   document(R"({"Sid":"Secret","Effect":"Deny","Principal":{"AWS":"123456789012"},
                       "Action":"sts:AssumeRole"})"));
    REQUIRE(b.send(alice, bench::assume(role)).status == 403);
    const std::string mine = message_for(b, account_a), theirs = message_for(b, account_b);
    REQUIRE_FALSE(theirs.empty());

    const auto seen = decode(b, alice, mine);
    CHECK_FALSE(seen.has("Secret"));
    CHECK(content(seen).at("explicitDeny") == false);
    const auto full = decode(b, owner, theirs);
    CHECK(full.has("Secret"));
    CHECK_FALSE(full.has("p1/"));
    CHECK(decode(b, owner, mine).code() == refused_code);
    CHECK(decode(b, alice, theirs).code() == refused_code);
    CHECK(decode(b, alice, theirs).status == 400);
}

TEST_CASE("G22 Nothing else decodes", "[G22]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto role = "arn:aws:iam::123456789012:role/none";
    REQUIRE(b.send(alice, bench::assume(role)).status == 403);
    const std::string message = message_for(b, account_a);
    CHECK(decode(b, alice, message).status == 200);
    std::string changed = message;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    CHECK(decode(b, alice, changed).code() == refused_code);
    CHECK(decode(b, alice, "nonsense").code() == refused_code);
    CHECK(decode(b, alice, "").code() == "ValidationError");
    CHECK(decode(b, alice, std::string(10'241, 'A')).code() == "ValidationError");
    // A session token is sealed for another purpose, and a message is no session token.
    const auto session =
        b.send(alice, {{"Action", "GetSessionToken"}, {"Version", "2011-06-15"}}).credentials();
    CHECK(decode(b, alice, session.token).code() == refused_code);
    CHECK(b.send(key_pair{session.id, session.secret, message}, bench::identity()).code() ==
          "InvalidClientTokenId");
    b.clock.advance(sts::authorization_message_life - base::seconds(1));
    CHECK(decode(b, alice, message).status == 200);
    b.clock.advance(base::seconds(1));
    CHECK(decode(b, alice, message).code() == refused_code);
}

TEST_CASE("A message of the largest request can be sent back") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    pairs more{{"ExternalId", std::string(1224, 'x')}, {"RoleSessionName", std::string(64, 's')}};
    for (int i = 1; i <= 50; ++i) {
        const std::string tag = "Tags.member." + std::to_string(i);
        more.push_back({tag + ".Key", std::to_string(i) + std::string(100, 'k')});
        more.push_back({tag + ".Value", std::string(256, 'v')});
    }
    const std::string role = "arn:aws:iam::123456789012:role/" + std::string(64, 'r');
    REQUIRE(b.send(alice, bench::assume(role, more)).status == 403);
    const std::string message = message_for(b, account_a);
    CHECK(message.size() <= sts::longest_encoded_message);
    const auto said = content(decode(b, alice, message));
    CHECK(items(said.at("failures")).back().as_object().at("value") ==
          "Some conditions are left out");
}

TEST_CASE("A13 Unknown and refusing roles look the same, in size of the answer as well", "[A13]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const std::string closed = trust(by_arn("arn:aws:iam::123456789012:user/other"));
    b.add_role(account_a, "closed", closed);
    b.add_role(account_b, "closed", closed);
    for (const auto account : {account_a, account_b}) {
        const std::string prefix = "arn:aws:iam::" + std::string(account) + ":role/";
        const auto there = b.send(alice, bench::assume(prefix + "closed"));
        auto absent = b.send(alice, bench::assume(prefix + "absent"));
        CHECK(there.body.size() == absent.body.size());
        std::string text = absent.message();
        text.replace(text.find("absent"), 6, "closed");
        CHECK(text == there.message());
        CHECK_FALSE(there.has("ncoded"));
    }
}

TEST_CASE("A message does not tell whether another account has the role") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    b.add_role(account_b, "silent", trust(by_arn("arn:aws:iam::210987654321:user/other")));
    b.add_role(account_b, "denies", document(R"({"Effect":"Deny","Principal":{"AWS":"123456789012"},
                   "Action":"sts:AssumeRole"})"));
    std::vector<boost::json::object> said;
    for (const char* name : {"silent", "denies", "absent"}) {
        b.send(alice, bench::assume(std::string("arn:aws:iam::210987654321:role/") + name));
        said.push_back(content(decode(b, alice, message_for(b, account_a))));
        said.back().at("context").as_object().erase("resource");
    }
    CHECK(said[0] == said[1]);
    CHECK(said[1] == said[2]);
}
