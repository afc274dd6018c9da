#include "fixture.hpp"

// Cases A of the specification, section 13.3: managed session policies, boundaries, and callers
// other than a user with its own keys.

using namespace fixture;

namespace {

const std::string reader_arn = "arn:aws:iam::123456789012:role/reader";
const std::string next_arn = "arn:aws:iam::123456789012:role/next";
const std::string only_s3 = document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
const pairs get_session_token{{"Action", "GetSessionToken"}, {"Version", "2011-06-15"}};

void refused(const answer& got, unsigned status, const std::string& code,
             const std::string& text = {}) {
    INFO(got.body);
    CHECK(got.status == status);
    CHECK(got.code() == code);
    CHECK(got.message().find(text) != std::string::npos);
}

pairs with_policies(const std::vector<std::string>& arns, pairs more = {}) {
    for (std::size_t i = 0; i < arns.size(); ++i)
        more.push_back({"PolicyArns.member." + std::to_string(i + 1) + ".arn", arns[i]});
    return bench::assume(reader_arn, std::move(more));
}

/// alice may assume reader, whose sessions may assume next, as far as nothing narrows them.
struct chain : bench {
    key_pair alice = add_user(account_a, "alice", {allow_all});
    chain() {
        add_role(account_a, "reader", trust(by_arn(alice_arn)),
                 {"/", base::seconds(3600), {allow_all}});
        add_role(account_a, "next", trust(root_of_a), {"/", base::seconds(43'200)});
    }
};

}  // namespace

TEST_CASE("A32 to A34 Managed session policies narrow a session", "[A32][A33][A34]") {
    chain b;
    const auto sts_arn = b.add_policy(account_a, "sts", allow_all);
    const auto s3_arn = b.add_policy(account_a, "s3", only_s3);
    const auto foreign = b.add_policy(account_b, "sts", allow_all);
    const auto next = [&](const pairs& how) {
        const auto got = b.send(b.alice, how);
        INFO(got.body);
        REQUIRE(got.status == 200);
        CHECK(std::stoi(got.element("PackedPolicySize")) > 0);
        return b.send(got.credentials(), bench::assume(next_arn));
    };
    CHECK(next(with_policies({sts_arn})).status == 200);
    refused(next(with_policies({s3_arn})), 403, "AccessDenied", "sts:AssumeRole");
    // Inline and managed ones together allow what any of them allows.
    CHECK(next(with_policies({s3_arn, sts_arn})).status == 200);
    CHECK(next(with_policies({s3_arn}, {{"Policy", allow_all}})).status == 200);
    refused(next(with_policies({sts_arn}, {{"Policy", deny_all}})), 403, "AccessDenied",
            "with an explicit deny in a session policy");

    refused(b.send(b.alice, with_policies({foreign})), 400, "ValidationError", "does not exist");
    refused(b.send(b.alice, with_policies({sts_arn + "x"})), 400, "ValidationError",
            "does not exist");
    refused(
        b.send(b.alice, with_policies({"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"})),
        400, "ValidationError");
    refused(b.send(b.alice, with_policies({"this is no arn but is long enough"})), 400,
            "ValidationError", "is invalid");
    refused(b.send(b.alice, with_policies(std::vector<std::string>(11, sts_arn))), 400,
            "ValidationError", "policyArns");
    const std::string most =
        document(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::)" +
                 std::string(1900, 'x') + "\"}");
    refused(b.send(b.alice, with_policies({sts_arn, s3_arn, sts_arn}, {{"Policy", most}})), 400,
            "ValidationError", "2048");
}

TEST_CASE("What is wrong with an entry of PolicyArns is told with its place") {
    chain b;
    const auto says = [&](pairs more) {
        return b.send(b.alice, bench::assume(reader_arn, std::move(more))).message();
    };
    const std::string rule = " failed to satisfy constraint: Member must ";
    CHECK(says({{"PolicyArns.member.2.arn", "arn:aws:iam::123456789012:policy/p"}}) ==
          "1 validation error detected: Value null at 'policyArns.1.member.arn'" + rule +
              "not be null");
    CHECK(says({{"PolicyArns.member.1.Arn", "arn:aws:iam::123456789012:policy/p"}}) ==
          "1 validation error detected: Value null at 'policyArns.1.member.arn'" + rule +
              "not be null");
    CHECK(says({{"PolicyArns.member.1.arn", "short"}}) ==
          "1 validation error detected: Value 'short' at 'policyArns.1.member.arn'" + rule +
              "have length greater than or equal to 20");
    CHECK(says({{"PolicyArns.member.1.arn", ""}}) ==
          "1 validation error detected: Value '' at 'policyArns.1.member.arn'" + rule +
              "have length greater than or equal to 20");
}

TEST_CASE("E29 A session policy is an identity policy but for the literals of its conditions",
          "[E29]") {
    chain b;
    const auto with = [&](const std::string& resource, const std::string& condition = "{}") {
        return b.send(
            b.alice, bench::assume(
                         reader_arn,
                         {{"Policy", document(R"({"Effect":"Allow","Action":"s3:*","Resource":")" +
                                              resource + R"(","Condition":)" + condition + "}")}}));
    };
    CHECK(with("arn:aws:s3:::b").status == 200);
    CHECK(with("*", R"({"IpAddress":{"aws:SourceIp":"garbage"}})").status == 200);
    CHECK(with("*", R"({"ArnLike":{"aws:PrincipalArn":"garbage"}})").status == 200);
    refused(with("bucket"), 400, "MalformedPolicyDocument",
            "Resource bucket must be in ARN format or \"*\".");
    refused(with("arn:error:s3:::b"), 400, "MalformedPolicyDocument",
            "Partition \"error\" is not valid for resource \"arn:error:s3:::b\".");
    refused(with("arn:aws-cn:s3:::b"), 400, "MalformedPolicyDocument",
            "Partition \"aws-cn\" is not valid");
}

TEST_CASE("A managed session policy is referenced, not copied") {
    chain b;
    const auto arn = b.add_policy(account_a, "p", allow_all);
    const auto key = b.send(b.alice, with_policies({arn})).credentials();
    CHECK(b.send(key, bench::assume(next_arn)).status == 200);
    b.add_policy(account_a, "p", only_s3);
    refused(b.send(key, bench::assume(next_arn)), 403, "AccessDenied");
    b.add_policy(account_a, "p", allow_all);
    CHECK(b.send(key, bench::assume(next_arn)).status == 200);
    // Deleted: what is left allows nothing, and the session does not widen.
    std::erase_if(b.store->policies, [&](const auto& one) { return one->arn == arn; });
    refused(b.send(key, bench::assume(next_arn)), 403, "AccessDenied");
    CHECK(b.send(key, bench::identity()).status == 200);
}

TEST_CASE("The source of a session's rights is asked at each use") {
    chain b;
    const auto key = b.send(b.alice, bench::assume(reader_arn)).credentials();
    CHECK(b.send(key, bench::assume(next_arn)).status == 200);
    for (auto& role : b.store->roles) {
        if (role->name != "reader") continue;
        auto changed = std::make_shared<sts::role_record>(*role);
        changed->policies = bench::named({deny_all});
        role = changed;
    }
    refused(b.send(key, bench::assume(next_arn)), 403, "AccessDenied",
            "with an explicit deny in an identity-based policy");
}

TEST_CASE("A60 and 5.6.1 A permissions boundary limits, but grants nothing", "[A60]") {
    bench b;
    const auto none = b.add_policy(account_a, "none", only_s3);
    const auto all = b.add_policy(account_a, "all", allow_all);
    const auto denies = b.add_policy(account_a, "denies", deny_all);
    struct row {
        const char* what;
        std::string boundary;
        std::vector<std::string> identity;
        std::string principal;
        bool allowed;
    };
    const std::string reader = by_arn(reader_arn);
    const row rows[] = {
        {"role named, boundary without sts", none, {}, reader, false},
        {"role named, boundary with sts", all, {}, reader, true},
        {"session named, boundary without sts",
         none,
         {},
         by_arn("arn:aws:sts::123456789012:assumed-role/reader/s1"),
         true},
        {"session named, boundary denies",
         denies,
         {},
         by_arn("arn:aws:sts::123456789012:assumed-role/reader/s1"),
         false},
        {"everyone, boundary without sts", none, {}, R"({"AWS":"*"})", true},
        {"account, identity and boundary", all, {allow_all}, root_of_a, true},
        {"account, identity only", none, {allow_all}, root_of_a, false},
        {"account, boundary only", all, {}, root_of_a, false},
    };
    for (const row& r : rows) {
        INFO(r.what);
        bench one;
        one.store->policies = b.store->policies;
        const auto alice = one.add_user(account_a, "alice");
        one.add_role(account_a, "reader", trust(by_arn(alice_arn)),
                     {"/", base::seconds(3600), r.identity, {}, r.boundary});
        one.add_role(account_a, "next", trust(r.principal));
        const auto key = one.send(alice, bench::assume(reader_arn)).credentials();
        CHECK(one.send(key, bench::assume(next_arn)).status == (r.allowed ? 200 : 403));
    }
}

TEST_CASE("A boundary of a user limits GetFederationToken and says so") {
    bench b;
    const auto arn = b.add_policy(account_a, "s3", only_s3);
    const auto alice = b.add_user(account_a, "alice", {allow_all}, {}, arn);
    refused(b.send(alice,
                   {{"Action", "GetFederationToken"}, {"Version", "2011-06-15"}, {"Name", "bob"}}),
            403, "AccessDenied",
            "because no permissions boundary allows the sts:GetFederationToken action");
    CHECK(b.send(alice, get_session_token).status == 200);
}

TEST_CASE("A23 GetSessionToken credentials: one hour, and the user's rights", "[A23]") {
    chain b;
    b.add_role(account_a, "long", trust(by_arn(alice_arn)), {"/", base::seconds(43'200)});
    const std::string arn = "arn:aws:iam::123456789012:role/long";
    const auto key = b.send(b.alice, get_session_token).credentials();
    refused(b.send(key, bench::assume(arn, {{"DurationSeconds", "7200"}})), 400, "ValidationError",
            "exceeds the 1 hour session limit for roles assumed by role chaining.");
    CHECK(b.send(key, bench::assume(arn, {{"DurationSeconds", "3600"}})).status == 200);
    CHECK(b.send(b.alice, bench::assume(arn, {{"DurationSeconds", "7200"}})).status == 200);
}

TEST_CASE("aws:TokenIssueTime and MFA are keys of temporary credentials alone") {
    bench b;
    const std::string stop = document(
        R"({"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*",
            "Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2100-01-01T00:00:00Z"}}})");
    const auto alice = b.add_user(account_a, "alice", {stop});
    const auto role = b.add_role(account_a, "reader", trust(root_of_a));
    CHECK(b.send(alice, bench::assume(role)).status == 200);  // A63
    const auto key = b.send(alice, get_session_token).credentials();
    refused(b.send(key, bench::assume(role)), 403, "AccessDenied", "with an explicit deny");
    CHECK(b.send(key, bench::identity()).status == 200);
}

TEST_CASE("A26, G13 Federated users assume nothing, whoever trusts them", "[G13]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto bob = b.send(alice, {{"Action", "GetFederationToken"},
                                    {"Version", "2011-06-15"},
                                    {"Name", "bob"},
                                    {"Policy", allow_all}})
                         .credentials();
    const auto role = b.add_role(account_a, "open",
                                 trust(by_arn("arn:aws:sts::123456789012:federated-user/bob")));
    const auto got = b.send(bob, bench::assume(role));
    refused(got, 403, "AccessDenied", "arn:aws:sts::123456789012:federated-user/bob is not");
    CHECK(b.send(bob, bench::assume("arn:aws:iam::123456789012:role/none")).message().size() ==
          got.message().size());
}

TEST_CASE("Roles of services and of single sign-on are closed to others") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    for (const char* path :
         {"/aws-reserved/sso.amazonaws.com/", "/aws-service-role/x.amazonaws.com/"}) {
        const auto role = b.add_role(account_a, "closed", trust(by_arn(alice_arn)), {path});
        refused(b.send(alice, bench::assume(role)), 403, "AccessDenied", "sts:AssumeRole");
        b.store->roles.clear();
    }
    b.add_role(account_a, "ours", trust(R"({"Service":"ec2.amazonaws.com"})"),
               {"/aws-service-role/ec2.amazonaws.com/"});
    sts::assume_role_parameters ours;
    ours.role_arn = "arn:aws:iam::123456789012:role/aws-service-role/ec2.amazonaws.com/ours";
    ours.role_session_name = "i-1";
    CHECK(b.start().assume_role_as_service("ec2.amazonaws.com", ours).has_value());
}
