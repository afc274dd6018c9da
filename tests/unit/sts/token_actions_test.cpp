#include "fixture.hpp"
#include "sts/session/session_token.hpp"

// Cases G of the specification, section 13.4: GetSessionToken, GetFederationToken,
// GetAccessKeyInfo, AssumeRoot.

using namespace fixture;

namespace {

pairs action(const std::string& name, pairs more = {}) {
    pairs out{{"Action", name}, {"Version", "2011-06-15"}};
    for (auto& one : more)
        out.push_back(std::move(one));
    return out;
}

pairs federate(pairs more = {}) {
    more.insert(more.begin(), {"Name", "bob"});
    return action("GetFederationToken", std::move(more));
}

std::string until(const bench& b, int seconds) {
    return base::iso8601(std::chrono::floor<base::seconds>(b.clock.now()) + base::seconds(seconds));
}

void refused(const answer& got, unsigned status, const std::string& code,
             const std::string& text = {}) {
    INFO(got.body);
    CHECK(got.status == status);
    CHECK(got.code() == code);
    CHECK(got.message().find(text) != std::string::npos);
}

const std::string allow_s3 = document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
const std::string task = "arn:aws:iam::aws:policy/root-task/";
const std::string root_of_b = "arn:aws:iam::210987654321:root";

pairs as_root(const std::string& target, const std::string& policy = "S3UnlockBucketPolicy",
              pairs more = {}) {
    pairs out =
        action("AssumeRoot", {{"TargetPrincipal", target}, {"TaskPolicyArn.arn", task + policy}});
    for (auto& one : more)
        out.push_back(std::move(one));
    return out;
}

/// A call that is good but for what `more` says.
pairs token_for(pairs more) {
    pairs out = action("GetWebIdentityToken");
    bool audience = false, algorithm = false;
    for (auto& one : more) {
        audience = audience || one.first.starts_with("Audience");
        algorithm = algorithm || one.first == "SigningAlgorithm";
        out.push_back(std::move(one));
    }
    if (!audience) out.push_back({"Audience.member.1", "https://api.example.com"});
    if (!algorithm) out.push_back({"SigningAlgorithm", "RS256"});
    return out;
}

void organize(bench& b) {
    b.store->organization = sts::organization{std::string(account_a), {}, false, true};
}

}  // namespace

TEST_CASE("G1, G2 GetSessionToken: durations", "[G2]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    struct row {
        const char* asked;
        int lasts;
    };
    for (const row& r : {row{"", 43'200}, row{"900", 900}, row{"129600", 129'600}}) {
        const auto got =
            b.send(alice, *r.asked ? action("GetSessionToken", {{"DurationSeconds", r.asked}})
                                   : action("GetSessionToken"));
        CHECK(got.status == 200);
        CHECK(got.element("Expiration") == until(b, r.lasts));
        CHECK(got.element("AccessKeyId").starts_with("ASIA"));
    }
    for (const char* bad : {"899", "129601"})
        refused(b.send(alice, action("GetSessionToken", {{"DurationSeconds", bad}})), 400,
                "ValidationError", "durationSeconds");
    refused(b.send(alice, action("GetSessionToken", {{"DurationSeconds", "9e2"}})), 400,
            "MalformedInput");
}

TEST_CASE("G1 A GetSessionToken session is the user, until it ends") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto key = b.send(alice, action("GetSessionToken")).credentials();
    const auto who = b.send(key, bench::identity());
    CHECK(who.element("Arn") == alice_arn);
    CHECK(who.element("UserId") == "AIDAalice");
    b.clock.advance(base::seconds(43'200));
    refused(b.send(key, bench::identity()), 403, "ExpiredToken");
    // A new user of the same name is somebody else.
    const auto again = b.send(alice, action("GetSessionToken")).credentials();
    b.store->users.clear();
    refused(b.send(again, bench::identity()), 403, "InvalidClientTokenId");
}

TEST_CASE("G3 A root's tokens last an hour, whatever was asked", "[G3]") {
    bench b;
    const auto root = b.add_root(account_a);
    for (const char* name : {"GetSessionToken", "GetFederationToken"}) {
        const auto got =
            b.send(root, action(name, {{"Name", "bob"}, {"DurationSeconds", "43200"}}));
        INFO(got.body);
        CHECK(got.status == 200);
        CHECK(got.element("Expiration") == until(b, 3600));
    }
    const auto key = b.send(root, action("GetSessionToken")).credentials();
    CHECK(b.send(key, bench::identity()).element("Arn") == "arn:aws:iam::123456789012:root");
    CHECK(b.send(key, bench::identity()).element("UserId") == account_a);
    refused(b.send(key, bench::assume("arn:aws:iam::123456789012:role/any")), 403, "AccessDenied",
            "Roles may not be assumed by root accounts.");
}

TEST_CASE("G4, G5, G13 Sessions make no tokens", "[G4][G13]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)),
                                 {"/", base::seconds(3600), {allow_all}});
    const std::pair<const char*, key_pair> callers[] = {
        {"role", b.send(alice, bench::assume(role)).credentials()},
        {"user", b.send(alice, action("GetSessionToken")).credentials()},
        {"federated", b.send(alice, federate()).credentials()}};
    for (const auto& [name, key] : callers) {
        INFO(name);
        refused(b.send(key, action("GetSessionToken")), 403, "AccessDenied",
                "Cannot call GetSessionToken with session credentials");
        refused(b.send(key, federate()), 403, "AccessDenied",
                "Cannot call GetFederationToken with session credentials");
        CHECK(b.send(key, bench::identity()).status == 200);
    }
}

TEST_CASE("G6 No policy keeps a user from GetSessionToken and GetCallerIdentity", "[G6]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {deny_all});
    CHECK(b.send(alice, action("GetSessionToken")).status == 200);
    CHECK(b.send(alice, bench::identity()).status == 200);
    refused(b.send(alice, federate()), 403, "AccessDenied",
            "is not authorized to perform: sts:GetFederationToken on resource: "
            "arn:aws:sts::123456789012:federated-user/bob with an explicit deny in an "
            "identity-based policy");
}

TEST_CASE("G7 Callers without devices cannot have used one") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const std::string serial = "arn:aws:iam::123456789012:mfa/alice";
    refused(b.send(alice, action("GetSessionToken", {{"SerialNumber", serial}})), 403,
            "AccessDenied", "must provide both MFA serial number and one time pass code. ");
    refused(b.send(alice,
                   action("GetSessionToken", {{"SerialNumber", serial}, {"TokenCode", "123456"}})),
            403, "AccessDenied", "unable to validate MFA code.  Please verify");
    refused(b.send(alice,
                   action("GetSessionToken", {{"SerialNumber", serial}, {"TokenCode", "12345a"}})),
            400, "ValidationError", "tokenCode");
}

TEST_CASE("G8 A federated user without a session policy can do nothing", "[G8]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto got = b.send(alice, federate());
    CHECK(got.status == 200);
    CHECK(got.element("Arn") == "arn:aws:sts::123456789012:federated-user/bob");
    CHECK(got.element("FederatedUserId") == "123456789012:bob");
    CHECK(got.element("PackedPolicySize") == "0");
    CHECK(got.element("Expiration") == until(b, 43'200));
    const auto bob = got.credentials();
    const auto who = b.send(bob, bench::identity());
    CHECK(who.element("Arn") == "arn:aws:sts::123456789012:federated-user/bob");
    CHECK(who.element("UserId") == "123456789012:bob");
    const auto role = b.add_role(account_a, "open", trust(R"({"AWS":"*"})"));
    refused(b.send(bob, bench::assume(role)), 403, "AccessDenied");
    for (const char* name : {"GetAccessKeyInfo", "DecodeAuthorizationMessage"})
        refused(b.send(bob, action(name, {{"AccessKeyId", "ASIARZPUZDIKAAAAAAAA"},
                                          {"EncodedMessage", "x"}})),
                403, "AccessDenied");
}

TEST_CASE("G8 GetFederationToken needs a permission, and one for tags", "[G8]") {
    bench b;
    const auto none = b.add_user(account_a, "none");
    refused(b.send(none, federate()), 403, "AccessDenied",
            "because no identity-based policy allows the sts:GetFederationToken action");
    const auto alice =
        b.add_user(account_a, "alice",
                   {document(R"({"Effect":"Allow","Action":"sts:GetFederationToken","Resource":
            "arn:aws:sts::123456789012:federated-user/b*"})")});
    CHECK(b.send(alice, federate()).status == 200);
    refused(b.send(alice, action("GetFederationToken", {{"Name", "carol"}})), 403, "AccessDenied");
    refused(b.send(alice, federate({{"Tags.member.1.Key", "a"}, {"Tags.member.1.Value", "b"}})),
            403, "AccessDenied", "sts:TagSession");
}

TEST_CASE("G11, G12 GetFederationToken: parameters") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    struct row {
        const char* what;
        pairs fields;
        const char* code;
        const char* text;
    };
    const pairs twice{{"Tags.member.1.Key", "Team"},
                      {"Tags.member.1.Value", "x"},
                      {"Tags.member.2.Key", "team"},
                      {"Tags.member.2.Value", "y"}};
    const row rows[] = {
        {"no name", action("GetFederationToken"), "ValidationError", "name"},
        {"short name", action("GetFederationToken", {{"Name", "a"}}), "ValidationError", "name"},
        {"long name", action("GetFederationToken", {{"Name", std::string(33, 'a')}}),
         "ValidationError", "name"},
        {"name", action("GetFederationToken", {{"Name", "a:b"}}), "ValidationError", "pattern"},
        {"policy", federate({{"Policy", R"({"temp":true})"}}), "MalformedPolicyDocument", ""},
        {"long policy", federate({{"Policy", std::string(2049, ' ')}}), "ValidationError",
         "policy"},
        {"duration", federate({{"DurationSeconds", "899"}}), "ValidationError", "durationSeconds"},
        {"tags", federate(twice), "InvalidParameterValue", "Duplicate tag keys"},
        {"reserved", federate({{"Tags.member.1.Key", "aws:x"}, {"Tags.member.1.Value", "x"}}),
         "InvalidParameterValue", "reserved"},
        {"policy arn",
         federate({{"PolicyArns.member.1.arn", "arn:aws:iam::123456789012:policy/x"}}),
         "ValidationError", "does not exist"},
    };
    for (const row& r : rows) {
        INFO(r.what);
        refused(b.send(alice, r.fields), 400, r.code, r.text);
    }
}

TEST_CASE("G15 Tags of a federated user are laid over those of its user") {
    bench b;
    const auto alice = b.add_user(
        account_a, "alice",
        {document(R"({"Effect":"Allow","Action":["sts:GetFederationToken","sts:TagSession"],
            "Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}})")},
        {{"Team", "blue"}});
    const pairs red{{"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "red"}};
    const auto got = b.send(alice, federate(red));
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.element("PackedPolicySize") != "0");
    const auto opened = sts::open_session(got.element("SessionToken"), got.element("AccessKeyId"),
                                          "aws", *b.ring, b.clock.now());
    REQUIRE(opened.has_value());
    CHECK(opened->tags == std::vector<sts::session_tag>{{"team", "red", false}});
}

TEST_CASE("G16 GetSessionToken and federated users end with their user") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto bob = b.send(alice, federate()).credentials();
    b.store->users.clear();
    refused(b.send(bob, bench::identity()), 403, "InvalidClientTokenId");
}

TEST_CASE("G17 to G20 GetAccessKeyInfo", "[G17][G18]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto none = b.add_user(account_a, "none");
    const auto other = b.add_user(account_b, "other");
    const auto ask = [&](const key_pair& by, const std::string& id) {
        return b.send(by, action("GetAccessKeyInfo", {{"AccessKeyId", id}}));
    };
    CHECK(ask(alice, "ASIARZPUZDIKAAAAAAAA").element("Account") == account_a);
    CHECK(ask(alice, alice.id + "0000").code() == "ValidationError");
    auto old = std::make_shared<sts::access_key_record>();
    old->id = "AKIAIOSFODNN7EXAMPLE";
    old->account = account_a;
    b.store->keys.push_back(old);
    CHECK(ask(alice, old->id).element("Account") == account_a);
    // An id of another account that does not say so itself: whether it exists is not told.
    CHECK(ask(other, old->id).code() == "AccessDenied");
    const auto dave = b.add_user(account_b, "dave", {allow_all});
    const std::string unknown = ask(dave, "AKIAIOSFODNN7EXAMPL2").message();
    std::string hidden = ask(dave, old->id).message();
    CHECK(hidden.replace(hidden.find(old->id), old->id.size(), "AKIAIOSFODNN7EXAMPL2") == unknown);
    refused(ask(none, "ASIARZPUZDIKAAAAAAAA"), 403, "AccessDenied", "sts:GetAccessKeyInfo");
    refused(ask(alice, "short"), 400, "ValidationError", "accessKeyId");
    refused(b.send(alice, action("GetAccessKeyInfo")), 400, "ValidationError", "null");
    CHECK(ask(b.add_root(account_a), "ASIARZPUZDIKAAAAAAAA").status == 200);
    const auto session = b.send(alice, action("GetSessionToken")).credentials();
    refused(ask(session, "ASIARZPUZDIKAAAAAAAA"), 403, "AccessDenied",
            "Cannot call GetAccessKeyInfo with session credentials");
    // An account that nobody defined here.
    CHECK(ask(alice, "ASIA6RVFFB77QAAAAAAA").code() == "ValidationError");
}

TEST_CASE("G25 to G27 AssumeRoot", "[G25][G26][G27]") {
    bench b;
    organize(b);
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto got = b.send(alice, as_root(root_of_b));
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.element("Expiration") == until(b, 900));
    CHECK_FALSE(got.has("AssumedRoleUser"));
    const auto root = got.credentials();
    const auto who = b.send(root, bench::identity());
    CHECK(who.element("Arn") == root_of_b);
    CHECK(who.element("UserId") == account_b);
    CHECK(b.send(alice, as_root(std::string(account_b))).status == 200);
    // The task leaves nothing of STS.
    refused(b.send(root, action("GetAccessKeyInfo", {{"AccessKeyId", "ASIARZPUZDIKAAAAAAAA"}})),
            403, "AccessDenied", "with an explicit deny in an identity-based policy");
    refused(b.send(root, action("GetSessionToken")), 403, "AccessDenied");
    refused(b.send(root, bench::assume("arn:aws:iam::210987654321:role/any")), 403, "AccessDenied",
            "Roles may not be assumed by root accounts.");

    refused(b.send(alice, as_root(root_of_b, "AdministratorAccess")), 400, "ValidationError",
            "Request must contain valid AWS managed task policy ARN");
    refused(b.send(alice, as_root(root_of_b, "S3UnlockBucketPolicy", {{"DurationSeconds", "901"}})),
            400, "ValidationError", "durationSeconds");
    refused(b.send(alice, as_root("210987654321:root")), 400, "ValidationError", "is invalid");
    refused(b.send(alice, action("AssumeRoot", {{"TargetPrincipal", root_of_b}})), 400,
            "ValidationError", "taskPolicyArn");
    const auto now =
        b.send(alice, as_root(root_of_b, "S3UnlockBucketPolicy", {{"DurationSeconds", "0"}}));
    CHECK(now.status == 200);
    refused(b.send(now.credentials(), bench::identity()), 403, "ExpiredToken");
}

TEST_CASE("Who may not use AssumeRoot") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto none = b.add_user(account_a, "none");
    const auto member = b.add_user(account_b, "member", {allow_all});
    const std::string denied = "is not authorized to perform: sts:AssumeRoot on resource: ";
    refused(b.send(alice, as_root(root_of_b)), 403, "AccessDenied", denied);  // no organization
    organize(b);
    refused(b.send(none, as_root(root_of_b)), 403, "AccessDenied", denied);
    refused(b.send(member, as_root("123456789012")), 403, "AccessDenied", denied);
    refused(b.send(b.add_root(account_a), as_root(root_of_b)), 403, "AccessDenied", denied);
    const auto session = b.send(alice, action("GetSessionToken")).credentials();
    refused(b.send(session, as_root(root_of_b)), 403, "AccessDenied", denied);
    refused(b.send(alice, as_root("123456789012")), 403, "AccessDenied", denied);
    CHECK(b.records.back().additional.at("refusedBecause") ==
          "the target is the management account");
    refused(b.send(alice, as_root("999999999999")), 403, "AccessDenied", denied);
    // The features are independent of each other.
    refused(b.send(alice, as_root(root_of_b, "IAMAuditRootUserCredentials")), 403, "AccessDenied",
            denied);
    b.store->organization->delegated_administrators = {std::string(account_b)};
    b.store->organization->root_credentials_management = true;
    CHECK(b.send(alice, as_root(root_of_b, "IAMAuditRootUserCredentials")).status == 200);
    CHECK(b.send(member, as_root(root_of_b)).status == 200);
    refused(b.send(member, as_root("123456789012")), 403, "AccessDenied", denied);
}

TEST_CASE("sts:TaskPolicyArn limits AssumeRoot to a task") {
    bench b;
    organize(b);
    b.store->organization->root_credentials_management = true;
    const auto alice = b.add_user(
        account_a, "alice",
        {document(R"({"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"*","Condition":
            {"StringLike":{"sts:TaskPolicyArn":"*/S3UnlockBucketPolicy"}}})")});
    CHECK(b.send(alice, as_root(root_of_b)).status == 200);
    refused(b.send(alice, as_root(root_of_b, "IAMCreateRootUserPassword")), 403, "AccessDenied");
}

TEST_CASE("AssumeRoot keeps the source identity of the caller") {
    bench b;
    organize(b);
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "ops", trust(by_arn(alice_arn)),
                                 {"/", base::seconds(3600), {allow_all}});
    const auto ops = b.send(alice, bench::assume(role, {{"SourceIdentity", "bob"}})).credentials();
    const auto got = b.send(ops, as_root(root_of_b));
    INFO(got.body);
    CHECK(got.element("SourceIdentity") == "bob");
}

TEST_CASE("G28 Actions that need what is not here say so", "[G28]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    refused(b.send(alice, token_for({})), 403, "OutboundWebIdentityFederationDisabledException",
            "123456789012");
    refused(b.send(alice, action("GetDelegatedAccessToken")), 400, "InvalidAction",
            "GetDelegatedAccessToken is not available");
    REQUIRE(b.records.size() == 2);
    CHECK(b.records[1].event_name == "GetDelegatedAccessToken");
    CHECK(b.records[1].error_code == "InvalidAction");
    CHECK(b.records[1].user_identity.at("type") == "IAMUser");
    for (const char* name : {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
        refused(b.send(std::nullopt, action(name)), 400, "InvalidAction", "is not available");
    for (const char* name :
         {"GetWebIdentityToken", "GetDelegatedAccessToken", "GetSessionToken", "AssumeRoot"})
        refused(b.send(std::nullopt, action(name)), 403, "MissingAuthenticationToken");
    refused(b.send(alice, action("getSessionToken")), 400, "InvalidAction", "Could not find");
}

TEST_CASE("GetWebIdentityToken: what a call may ask for, before it hears that the feature is off") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const std::string disabled = "OutboundWebIdentityFederationDisabledException";
    const auto says = [&](pairs more) {
        const auto got = b.send(alice, token_for(std::move(more)));
        return got.code() == disabled ? "off" : got.code() + ": " + got.message();
    };
    const auto invalid = [](const std::string& clause) {
        return "ValidationError: 1 validation error detected: " + clause;
    };
    const std::string constraint = " failed to satisfy constraint: Member must ";

    refused(b.send(alice, action("GetWebIdentityToken")), 400, "ValidationError",
            "2 validation errors detected: Value null at 'audience'" + constraint +
                "not be null; Value null at 'signingAlgorithm'" + constraint + "not be null");
    CHECK(says({{"Audience", ""}}) == invalid("Value '[]' at 'audience'" + constraint +
                                              "have length greater than or equal to 1"));
    pairs audiences;
    for (int i = 1; i <= 10; ++i)
        audiences.push_back({"Audience.member." + std::to_string(i), std::string(1000, 'a')});
    CHECK(says(audiences) == "off");
    audiences.push_back({"Audience.member.11", "a"});
    CHECK(says(audiences) == invalid("Value '[11 members]' at 'audience'" + constraint +
                                     "have length less than or equal to 10"));
    CHECK(says({{"Audience.member.1", std::string(1001, 'a')}})
              .find("at 'audience.1.member'" + constraint +
                    "have length less than or equal to 1000") != std::string::npos);
    CHECK(says({{"Audience.member.1", ""}}) ==
          invalid("Value '' at 'audience.1.member'" + constraint +
                  "have length greater than or equal to 1"));
    CHECK(says({{"Audience.member.2", "a"}}) ==
          invalid("Value null at 'audience.1.member'" + constraint + "not be null"));
    CHECK(says({{"Audience.member.0", "a"}}).starts_with("MalformedInput: "));

    CHECK(says({{"SigningAlgorithm", "ES384"}}) == "off");
    for (const std::string bad : {"HS256", "rs256"})
        CHECK(says({{"SigningAlgorithm", bad}}) ==
              invalid("Value '" + bad + "' at 'signingAlgorithm'" + constraint +
                      "satisfy enum value set: [RS256, ES384]"));

    for (const char* good : {"60", "3600", "0300"})
        CHECK(says({{"DurationSeconds", good}}) == "off");
    CHECK(says({{"DurationSeconds", "59"}}) ==
          invalid("Value '59' at 'durationSeconds'" + constraint +
                  "have value greater than or equal to 60"));
    CHECK(says({{"DurationSeconds", "3601"}}) ==
          invalid("Value '3601' at 'durationSeconds'" + constraint +
                  "have value less than or equal to 3600"));
    CHECK(says({{"DurationSeconds", "300.0"}}).starts_with("MalformedInput: "));

    const auto tag = [](const std::string& at, const std::string& key) {
        return pairs{{"Tags.member." + at + ".Key", key}, {"Tags.member." + at + ".Value", "x"}};
    };
    CHECK(says(tag("1", "aws:team")) == "off");  // elsewhere such keys are reserved
    pairs twice = tag("1", "Team");
    for (auto& one : tag("2", "team"))
        twice.push_back(one);
    CHECK(says(twice) ==
          "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
          "insensitive.");
    CHECK(says({{"Tags.member.1.Key", "team"}}) ==
          invalid("Value null at 'tags.1.member.value'" + constraint + "not be null"));

    REQUIRE(!b.records.empty());
    CHECK(b.records.back().event_name == "GetWebIdentityToken");
    CHECK(!b.records.back().read_only);
    const auto recorded = b.send(alice, token_for({{"DurationSeconds", "300"}}));
    const auto& shown = b.records.back().request_parameters;
    CHECK(shown.at("audience").as_array().size() == 1);
    CHECK(shown.at("signingAlgorithm") == "RS256");
    CHECK(shown.at("durationSeconds") == 300);
}

TEST_CASE("GetWebIdentityToken is for users, their sessions and roles") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto root = b.add_root(account_a);
    const std::string role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const std::string disabled = "OutboundWebIdentityFederationDisabledException";
    const auto session = b.send(alice, action("GetSessionToken")).credentials();
    const auto reader = b.send(alice, bench::assume(role)).credentials();
    for (const key_pair& by : {alice, session, reader})
        refused(b.send(by, token_for({})), 403, disabled);

    organize(b);
    const auto bob = b.send(alice, federate()).credentials();
    const auto root_session = b.send(root, action("GetSessionToken")).credentials();
    const auto member_root = b.send(alice, as_root(root_of_b)).credentials();
    for (const key_pair& by : {root, root_session, bob, member_root})
        refused(b.send(by, token_for({})), 403, "AccessDenied",
                "is not authorized to perform: sts:GetWebIdentityToken on resource: arn:aws:sts::");
    // What is wrong with the call comes first.
    refused(b.send(bob, token_for({{"SigningAlgorithm", "none"}})), 400, "ValidationError");
}

TEST_CASE("L6 and its like: every action leaves a record, and no secret in it", "[L6][L8]") {
    bench b;
    organize(b);
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    struct row {
        const char* event;
        pairs fields;
        bool read_only;
        const char* parameter;
        std::size_t records;
    };
    const row rows[] = {
        {"GetSessionToken", action("GetSessionToken", {{"DurationSeconds", "900"}}), false,
         "durationSeconds", 1},
        {"GetFederationToken", federate({{"Policy", allow_s3}}), false, "name", 1},
        {"GetAccessKeyInfo", action("GetAccessKeyInfo", {{"AccessKeyId", "ASIARZPUZDIKAAAAAAAA"}}),
         true, "accessKeyId", 1},
        {"GetCallerIdentity", bench::identity(), true, nullptr, 1},
        {"AssumeRoot", as_root(root_of_b), true, "targetPrincipal", 2},
        {"DecodeAuthorizationMessage",
         action("DecodeAuthorizationMessage", {{"EncodedMessage", "secret-message"}}), true,
         nullptr, 1},
    };
    for (const row& r : rows) {
        INFO(r.event);
        b.records.clear();
        const auto got = b.send(alice, r.fields);
        REQUIRE(b.records.size() == r.records);
        const auto& record = b.records.back();
        CHECK(record.event_name == r.event);
        CHECK(record.read_only == r.read_only);
        CHECK(record.user_identity.at("type") == "IAMUser");
        if (r.parameter != nullptr) CHECK(record.request_parameters.contains(r.parameter));
        if (r.parameter == nullptr) CHECK(record.request_parameters.empty());
        if (got.has("SecretAccessKey"))
            CHECK(record.response_elements.at("credentials").as_object().at("accessKeyId") ==
                  boost::json::value(got.element("AccessKeyId")));
        const std::string line = audit_record::to_json_line(record, "host");
        for (const char* secret : {"SecretAccessKey", "SessionToken"}) {
            const std::string text = got.element(secret);
            CHECK((text.empty() || line.find(text) == std::string::npos));
        }
        CHECK(line.find("secret-message") == std::string::npos);
    }
    // Nothing is handed out that was not recorded.
    b.audit_accepts = false;
    for (const row& r : rows) {
        const auto got = b.send(alice, r.fields);
        const bool proven = std::string_view(r.event) == "GetCallerIdentity";
        CHECK(got.status == (proven ? 200 : 503));
        CHECK_FALSE(got.has("SecretAccessKey"));
    }
}

TEST_CASE("userIdentity of every kind of session") {
    bench b;
    organize(b);
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto last = [&](const key_pair& by) {
        b.send(by, bench::identity());
        return b.records.back().user_identity;
    };
    const auto user = last(b.send(alice, action("GetSessionToken")).credentials());
    CHECK(user.at("type") == "IAMUser");
    CHECK(user.at("userName") == "alice");
    CHECK(user.at("sessionContext").as_object().contains("attributes"));
    const auto bob = last(b.send(alice, federate()).credentials());
    CHECK(bob.at("type") == "FederatedUser");
    CHECK(bob.at("principalId") == "123456789012:bob");
    CHECK_FALSE(bob.contains("userName"));
    CHECK(bob.at("sessionContext").as_object().at("sessionIssuer").as_object().at("arn") ==
          boost::json::value(alice_arn));
    const auto root = last(b.send(alice, as_root(root_of_b)).credentials());
    CHECK(root.at("type") == "Root");
    CHECK(root.at("accountId") == boost::json::value(account_b));
    CHECK(root.at("sessionContext").as_object().at("assumedRoot") == "true");
}
