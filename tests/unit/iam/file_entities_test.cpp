#include "iam/file_entities.hpp"

#include <functional>

#include "policy/evaluate.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

constexpr const char* trust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* allow =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";

sts::role_definition role(std::string name, std::string path = "/") {
    sts::role_definition out;
    out.name = std::move(name);
    out.path = std::move(path);
    out.trust_policy = trust;
    out.policies = {{"read", allow}};
    return out;
}

sts::user_definition user(std::string name, std::string key) {
    sts::user_definition out;
    out.name = std::move(name);
    out.access_keys.push_back({std::move(key), base::secret("secret"), true});
    return out;
}

sts::account_definition account() {
    sts::account_definition out;
    out.id = "123456789012";
    out.users.push_back(user("alice", "AKIAALICEALICEALICE1"));
    out.roles.push_back(role("reader"));
    out.roles.push_back(role("deep", "/team/"));
    return out;
}

base::result<std::shared_ptr<const iam::directory>> build(
    std::vector<sts::account_definition> accounts) {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    return iam::directory_of(std::move(accounts), "aws", iam::seeded_identities(ring));
}

std::string refusal(const std::function<void(sts::account_definition&)>& change) {
    std::vector<sts::account_definition> accounts;
    accounts.push_back(account());
    change(accounts.back());
    const auto made = build(std::move(accounts));
    return made ? "" : made.error().message;
}

}  // namespace

TEST_CASE("Principals are found by key, role and user name") {
    std::vector<sts::account_definition> accounts;
    accounts.push_back(account());
    const auto made = build(std::move(accounts));
    REQUIRE(made.has_value());
    const sts::principal_store& store = **made;

    const auto key = store.find_access_key("AKIAALICEALICEALICE1");
    REQUIRE(key != nullptr);
    CHECK(key->active);
    CHECK(key->secret.reveal() == "secret");
    CHECK(key->user == store.find_user("123456789012", "alice"));
    CHECK(key->user->arn == "arn:aws:iam::123456789012:user/alice");
    CHECK(store.find_access_key("akiaalicealicealice1") == nullptr);

    const auto deep = store.find_role("123456789012", "/team/", "deep");
    REQUIRE(deep != nullptr);
    CHECK(deep->arn == "arn:aws:iam::123456789012:role/team/deep");
    CHECK(deep->unique_id.size() == 21);
    CHECK(deep->unique_id.substr(0, 4) == "AROA");
    CHECK(deep->policies.size() == 1);
    CHECK(store.find_role("123456789012", "/", "deep") == nullptr);
    CHECK(store.find_role("123456789012", "/Team/", "deep") == nullptr);
    CHECK(store.find_role("210987654321", "/", "reader") == nullptr);
}

TEST_CASE("Unique ids stay while the ring lives and differ between principals") {
    support::counting_random random;
    auto ring = sts::key_ring::generate(random, {});
    const auto id = [&](const sts::key_ring& with, const char* name) {
        std::vector<sts::account_definition> accounts;
        accounts.push_back(account());
        const auto made =
            iam::directory_of(std::move(accounts), "aws", iam::seeded_identities(with)).value();
        return made->find_role("123456789012", "/", name)->unique_id;
    };
    const std::string before = id(ring, "reader");
    REQUIRE(ring.rotate(sts::key_ring::purpose::session_token, random, {}).has_value());
    CHECK(id(ring, "reader") == before);
    const auto other = sts::key_ring::generate(random, {});
    CHECK(id(other, "reader") != before);
    std::vector<sts::account_definition> accounts;
    accounts.push_back(account());
    const auto made =
        iam::directory_of(std::move(accounts), "aws", iam::seeded_identities(ring)).value();
    CHECK(made->find_role("123456789012", "/team/", "deep")->unique_id != before);
}

TEST_CASE("Trusts mean the identities that have the names now, defined before or behind") {
    const auto trusting = [](const char* arn) {
        sts::role_definition out = role("trusting");
        out.trust_policy = std::string(R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"AWS":")") +
                           arn + "\"}}}";
        return out;
    };
    const auto allows = [&](const char* arn, bool again) {
        std::vector<sts::account_definition> accounts;
        accounts.push_back(account());
        accounts.back().roles.insert(accounts.back().roles.begin(), trusting(arn));
        const auto made = build(std::move(accounts)).value();
        const auto alice = made->find_user("123456789012", "alice");
        policy::principal by;
        by.kind = policy::principal::type::user;
        by.account = alice->account;
        by.arn = arn;
        by.unique_id = again ? "AIDAANOTHERALICE00001" : alice->unique_id;
        const auto trust = made->find_role("123456789012", "/", "trusting");
        return policy::evaluate_trust(trust->trust, "sts:AssumeRole", by, {}).outcome ==
               policy::effect::allow;
    };
    CHECK(allows("arn:aws:iam::123456789012:user/alice", false));
    CHECK_FALSE(allows("arn:aws:iam::123456789012:user/alice", true));
    CHECK_FALSE(allows("arn:aws:iam::123456789012:user/nobody", false));
}

TEST_CASE("Errors name the account and the principal at fault") {
    const std::string in_role = "account 123456789012, role 'reader'";
    CHECK(refusal([](auto&) {}) == "");
    CHECK(refusal([](auto& a) { a.id = "12"; }).find("account '12': ") == 0);
    CHECK(refusal([](auto& a) {
              a.roles[0].trust_policy = "{}";
          }).find(in_role + ", trust policy: Syntax errors in policy.") == 0);
    CHECK(refusal([](auto& a) {
              a.roles[0].policies[0].second = "{";
          }).find(in_role + ", policy 'read': Syntax errors in policy.") == 0);
    CHECK(refusal([](auto& a) {
              a.roles[0].max_session_duration = base::seconds(900);
          }).find(in_role + ": max_session_duration") == 0);
    CHECK(refusal([](auto& a) { a.roles[0].path = "team"; }).find(in_role + ": 'team'") == 0);
    CHECK(refusal([](auto& a) {
              a.roles[0].tags = {{"Team", "a"}, {"team", "b"}};
          }).find(in_role + ": tag 'team' occurs twice") == 0);
    CHECK(refusal([](auto& a) {
              a.roles[0].tags = {{"aws:x", "a"}};
          }).find("reserved") != std::string::npos);
    CHECK(refusal([](auto& a) {
              a.roles.push_back(role("READER", "/other/"));
          }).find("another one has the same name") != std::string::npos);
    CHECK(refusal([](auto& a) { a.roles[0].name = "has space"; }).find("a name is") !=
          std::string::npos);
    CHECK(refusal([](auto& a) { a.users.push_back(user("bob", "AKIAALICEALICEALICE1")); })
              .find("account 123456789012, user 'bob': access key AKIAALICEALICEALICE1 is defined "
                    "twice") == 0);
    CHECK(refusal([](auto& a) {
              a.users.push_back(user("bob", "ASIAALICEALICEALICE1"));
          }).find("temporary credentials") != std::string::npos);
    CHECK(refusal([](auto& a) { a.users.push_back(user("bob", "short")); }).find("16 to 128") !=
          std::string::npos);
    CHECK(refusal([](auto& a) {
              a.users[0].access_keys[0].secret = base::secret();
          }).find("is empty") != std::string::npos);
}

TEST_CASE("One account can not be defined twice and names may repeat across accounts") {
    std::vector<sts::account_definition> twice;
    twice.push_back(account());
    twice.push_back(account());
    CHECK_FALSE(build(std::move(twice)).has_value());

    std::vector<sts::account_definition> two;
    two.push_back(account());
    sts::account_definition other;
    other.id = "210987654321";
    other.roles.push_back(role("reader"));
    two.push_back(std::move(other));
    CHECK(build(std::move(two)).has_value());
}

TEST_CASE("A role and a user may share a name") {
    CHECK(refusal([](auto& a) { a.roles.push_back(role("alice")); }) == "");
}

TEST_CASE("Managed policies are attached by name or ARN, within the account") {
    const std::string arn = "arn:aws:iam::123456789012:policy/team/readers";
    auto one = account();
    one.managed_policies = {{"readers", "/team/", allow}, {"plain", "/", allow}};
    one.root_access_keys.push_back({"AKIAROOTROOTROOTROOT", base::secret("secret"), true});
    one.users[0].managed_policies = {"/team/readers", "plain"};
    one.users[0].permissions_boundary = arn;
    one.roles[0].managed_policies = {arn};
    std::vector<sts::account_definition> accounts;
    accounts.push_back(std::move(one));
    const auto made = build(std::move(accounts)).value();
    const auto policy = made->find_managed_policy(arn);
    REQUIRE(policy != nullptr);
    CHECK(policy->account == "123456789012");
    const auto user = made->find_user("123456789012", "alice");
    REQUIRE(user->managed_policies.size() == 2);
    CHECK(user->managed_policies[0] == arn);
    CHECK(user->boundary == arn);
    const auto role = made->find_role("123456789012", "/", "reader");
    CHECK(role->managed_policies.at(0) == arn);
    CHECK(role->boundary.empty());
    CHECK(made->find_managed_policy("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy"));
    const auto root = made->find_access_key("AKIAROOTROOTROOTROOT");
    REQUIRE(root != nullptr);
    CHECK(root->user == nullptr);
    CHECK(root->account == "123456789012");
    CHECK(made->has_account("123456789012"));
    CHECK_FALSE(made->has_account("123456789013"));
}

TEST_CASE("Managed policies that are not there are refused") {
    using account_ref = sts::account_definition&;
    const auto said = [](const auto& change) { return refusal(change); };
    CHECK(said([](account_ref a) { a.users[0].managed_policies = {"absent"}; }) ==
          "account 123456789012, user 'alice': there is no managed policy 'absent' in the account");
    CHECK(said([](account_ref a) {
              a.users[0].permissions_boundary =
                  "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
          }).find("there is no managed policy") != std::string::npos);
    CHECK(said([](account_ref a) {
              a.managed_policies = {{"x", "/", allow}, {"X", "/team/", allow}};
          }) ==
          "account 123456789012, managed policy '/team/X': another one has the same name "
          "(names ignore case and path)");
    CHECK(said([](account_ref a) { a.managed_policies = {{"a b", "/", allow}}; }) != "");
    CHECK(said([](account_ref a) { a.managed_policies = {{"x", "/", "{}"}}; }) != "");
    CHECK(said([](account_ref a) {
              a.managed_policies = {{"x", "/", allow}};
              a.roles[0].managed_policies.assign(21, "x");
          }) == "account 123456789012, role 'reader': at most 20 managed policies");
}

TEST_CASE("An organization is made of accounts that are defined") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    const auto with = [&](std::string manager, std::vector<std::string> delegated) {
        std::vector<sts::account_definition> accounts;
        accounts.push_back(account());
        return iam::directory_of(
            std::move(accounts), "aws", iam::seeded_identities(ring),
            sts::organization{std::move(manager), std::move(delegated), true, false});
    };
    const auto made = with("123456789012", {});
    REQUIRE(made.has_value());
    REQUIRE((*made)->find_organization() != nullptr);
    CHECK((*made)->find_organization()->root_credentials_management);
    CHECK_FALSE(with("123456789013", {}).has_value());
    CHECK(with("123456789012", {"123456789013"}).error().message ==
          "organization: there is no account '123456789013'");
}

TEST_CASE("An account's verification policy is bound to the principals of today") {
    const auto naming = [](const std::string& arn) {
        return R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" + arn +
               R"("},"Action":"imdsd:VerifyCaller","Resource":"*"}})";
    };
    auto one = account();
    one.verification_policy = naming("arn:aws:iam::123456789012:user/alice");
    std::vector<sts::account_definition> accounts;
    accounts.push_back(std::move(one));
    const auto made = build(std::move(accounts)).value();
    CHECK(made->find_verification_policy("210987654321") == nullptr);
    const policy::document* policy = made->find_verification_policy("123456789012");
    REQUIRE(policy != nullptr);
    policy::principal who;
    who.kind = policy::principal::type::user;
    who.account = "123456789012";
    who.arn = "arn:aws:iam::123456789012:user/alice";
    who.unique_id = made->find_user("123456789012", "alice")->unique_id;
    const policy::request asked{"imdsd:VerifyCaller", "arn:aws:imdsd:a-1:123456789012:scope/s3"};
    CHECK(policy::evaluate_resource(*policy, asked, who, {}).outcome == policy::effect::allow);
    // Another one of that name.
    who.unique_id = "AIDAANOTHERANOTHER000";
    CHECK(policy::evaluate_resource(*policy, asked, who, {}).outcome ==
          policy::effect::implicit_deny);
    CHECK(refusal([](auto& a) {
              a.verification_policy = "{}";
          }).starts_with("account 123456789012, verification policy: "));
}
