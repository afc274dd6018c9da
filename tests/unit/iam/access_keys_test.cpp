#include <thread>

#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

std::string allowing_on(const std::string& action, const std::string& resource) {
    return document(R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource +
                    R"("})");
}

bool told_anywhere(const estate& e, const std::string& text) {
    for (const auto& record : e.records) {
        if (audit_record::to_json_line(record, "h").find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("access keys: two at most, the secret once, good at once") {
    estate e;
    e.call("CreateUser", {{"UserName", "bob"}});
    const auto first = e.call("CreateAccessKey", {{"UserName", "bob"}});
    REQUIRE(first.status == 200);
    const key_pair key{first.element("AccessKeyId"), first.element("SecretAccessKey"), {}};
    CHECK(key.id.substr(0, 4) == "AKIA");
    CHECK(key.secret.size() == 40);
    CHECK(first.element("Status") == "Active");
    CHECK(first.element("UserName") == "bob");
    CHECK(e.sts(key, "GetCallerIdentity").element("Arn") == arn_in_a("user/bob"));
    CHECK_FALSE(told_anywhere(e, key.secret));
    REQUIRE(e.call("CreateAccessKey", {{"UserName", "bob"}}).status == 200);
    const auto& told = e.last_record().response_elements.at("accessKey").as_object();
    CHECK(told.at("userName") == "bob");
    CHECK(told.find("secretAccessKey") == told.end());
    const auto third = e.call("CreateAccessKey", {{"UserName", "bob"}});
    CHECK(third.status == 409);
    CHECK(third.code() == "LimitExceeded");
    CHECK(third.message() == "Cannot exceed quota for AccessKeysPerUser: 2");
    const auto listed = e.call("ListAccessKeys", {{"UserName", "bob"}, {"MaxItems", "1"}});
    CHECK(listed.element("IsTruncated") == "true");
    CHECK_FALSE(listed.has("Secret"));
    const auto rest =
        e.call("ListAccessKeys", {{"UserName", "bob"}, {"Marker", listed.element("Marker")}});
    CHECK(rest.element("IsTruncated") == "false");
    CHECK(rest.element("AccessKeyId") != listed.element("AccessKeyId"));
}

TEST_CASE("access keys: switched off, on and deleted") {
    estate e;
    const key_pair bob = e.add_user(account_a, "bob");
    const auto set = [&](const std::string& status) {
        return e.call("UpdateAccessKey",
                      {{"UserName", "bob"}, {"AccessKeyId", bob.id}, {"Status", status}});
    };
    CHECK(set("Inactive").status == 200);
    CHECK(e.sts(bob, "GetCallerIdentity").status == 403);
    CHECK(e.call("ListAccessKeys", {{"UserName", "bob"}}).element("Status") == "Inactive");
    CHECK(set("Active").status == 200);
    CHECK(e.sts(bob, "GetCallerIdentity").status == 200);
    const auto gone = [&] {
        return e.call("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", bob.id}});
    };
    CHECK(gone().status == 200);
    CHECK(e.sts(bob, "GetCallerIdentity").status == 403);
    const auto again = gone();
    CHECK(again.code() == "NoSuchEntity");
    CHECK(again.message() == "The Access Key with id " + bob.id + " cannot be found.");
    CHECK(set("Active").code() == "NoSuchEntity");
    e.add_user(account_a, "eve");
    const key_pair zoe = e.add_user(account_a, "zoe");
    CHECK(e.call("DeleteAccessKey", {{"UserName", "eve"}, {"AccessKeyId", zoe.id}}).code() ==
          "NoSuchEntity");
}

TEST_CASE("access keys: a root's own") {
    estate e;
    const auto made = e.call("CreateAccessKey");
    REQUIRE(made.status == 200);
    CHECK_FALSE(made.has("UserName"));
    const key_pair second{made.element("AccessKeyId"), made.element("SecretAccessKey"), {}};
    CHECK(e.sts(second, "GetCallerIdentity").element("Arn") == arn_in_a("root"));
    CHECK(e.call("CreateAccessKey").code() == "LimitExceeded");
    CHECK(e.call("ListAccessKeys").has(second.id));
    CHECK(e.call("UpdateAccessKey", {{"AccessKeyId", e.root.id}, {"Status", "Inactive"}}).status ==
          200);
    CHECK(e.sts(e.root, "GetCallerIdentity").status == 403);
    CHECK(e.call(second, "DeleteAccessKey", {{"AccessKeyId", e.root.id}}).status == 200);
    CHECK(e.call(second, "GetAccountSummary")
              .has("<entry><key>AccountAccessKeysPresent</key><value>1</value></entry>"));

    iam::account owned = *e.port.current()->account_of(account_a);
    owned.root_access_keys.front().owned_by = "/etc/imdsd/imdsd.yaml";
    e.port.apply({iam::put(owned)});
    const auto refused = e.call(second, "DeleteAccessKey", {{"AccessKeyId", second.id}});
    CHECK(refused.code() == "UnmodifiableEntity");
    CHECK(refused.message() == "The access key " + second.id +
                                   " is defined by /etc/imdsd/imdsd.yaml and cannot be changed by "
                                   "this API.");
}

TEST_CASE("access keys: the last use") {
    estate e;
    const key_pair bob = e.add_user(account_a, "bob");
    const key_pair theirs = e.add_user(account_b, "theirs");
    const auto ask = [&](const key_pair& by, const std::string& id) {
        return e.call(by, "GetAccessKeyLastUsed", {{"AccessKeyId", id}});
    };
    const auto never = ask(e.root, bob.id);
    CHECK(never.element("UserName") == "bob");
    CHECK(never.element("ServiceName") == "N/A");
    CHECK(never.element("Region") == "N/A");
    CHECK_FALSE(never.has("LastUsedDate"));
    e.sts(bob, "GetCallerIdentity");
    const auto once = ask(e.root, bob.id);
    CHECK(once.element("ServiceName") == "sts");
    CHECK(once.element("Region") == "us-east-1");
    CHECK(once.element("LastUsedDate") == base::iso8601(e.clock.now()));
    // Another account's is as unknown as nobody's.
    CHECK(ask(e.root, theirs.id).code() == "NoSuchEntity");
    CHECK(ask(e.root, "AKIAABCDEFGHIJKLMNOP").code() == "NoSuchEntity");
    const key_pair some = e.add_user(
        account_a, "some", {allowing_on("iam:GetAccessKeyLastUsed", arn_in_a("user/some"))});
    CHECK(ask(some, some.id).status == 200);
    CHECK(ask(some, bob.id).code() == "AccessDenied");
    CHECK(ask(some, theirs.id).code() == "AccessDenied");
    CHECK(ask(some, "AKIAABCDEFGHIJKLMNOP").code() == "AccessDenied");
    CHECK(ask(e.root, e.root.id).element("ServiceName") == "iam");
}

TEST_CASE("key usage: the latest counts, what is new is taken once, earlier ones are restored") {
    iam::key_usage uses;
    const base::wall_time start{base::seconds(1000)};
    const auto note = [&](std::string_view id, int at) {
        uses.note({id, {}, "sts", "eu-west-1", start + base::seconds(at)});
    };
    note("AKIA1", 10);
    note("AKIA1", 5);
    uses.note({{}, "AROA1", "iam", "us-east-1", start});
    CHECK(uses.of("AKIA1")->at == start + base::seconds(10));
    CHECK(uses.of("AROA1")->service == "iam");
    CHECK_FALSE(uses.of("AKIA2"));
    CHECK(uses.take().size() == 2);
    CHECK(uses.take().empty());
    uses.restore({{"AKIA1", {start, "old", "x"}}, {"AKIA2", {start, "old", "x"}}});
    CHECK(uses.of("AKIA1")->service == "sts");
    CHECK(uses.of("AKIA2")->service == "old");
    CHECK(uses.take().empty());
    uses.forget("AKIA2");
    CHECK_FALSE(uses.of("AKIA2"));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 500; ++i) {
                note("AKIA" + std::to_string(i % 7), t * 500 + i);
                static_cast<void>(uses.of("AKIA1"));
            }
        });
    for (auto& one : threads)
        one.join();
    CHECK(uses.take().size() == 7);
}

TEST_CASE("access keys: two calls at one time never make a third key") {
    estate e;
    e.call("CreateUser", {{"UserName", "bob"}});
    e.call("CreateAccessKey", {{"UserName", "bob"}});
    // Another replica makes one between the decision and the storing.
    iam::user other = *e.port.current()->user_of(account_a, "bob");
    other.access_keys.push_back({"AKIAOTHEROTHEROTHER1",
                                 std::make_shared<const base::secret>("secret"), true,
                                 e.clock.now()});
    e.port.between = [&] { e.port.apply({iam::put(other)}); };
    CHECK(e.call("CreateAccessKey", {{"UserName", "bob"}}).code() == "LimitExceeded");
    CHECK(e.port.current()->user_of(account_a, "bob")->access_keys.size() == 2);
    CHECK(e.last_record().response_elements.empty());
}

TEST_CASE("other credentials: none, for those who may ask") {
    estate e;
    const key_pair bob = e.add_user(account_a, "bob", {allowing_on("iam:*", "*")});
    const pairs of_bob{{"UserName", "bob"}};
    CHECK(e.call("ListSSHPublicKeys", of_bob).has("<SSHPublicKeys></SSHPublicKeys>"));
    CHECK(e.call("ListMFADevices", of_bob).has("<MFADevices></MFADevices>"));
    CHECK(e.call(bob, "ListMFADevices").has("<IsTruncated>false</IsTruncated>"));
    CHECK(e.call("ListVirtualMFADevices").has("<VirtualMFADevices></VirtualMFADevices>"));
    CHECK(e.call("ListSigningCertificates", of_bob).has("<Certificates></Certificates>"));
    CHECK(e.call("ListServiceSpecificCredentials", of_bob)
              .has("<ServiceSpecificCredentials></ServiceSpecificCredentials>"));
    for (const std::string action : {"GetLoginProfile", "DeleteLoginProfile"}) {
        const auto none = e.call(action, of_bob);
        CHECK(none.status == 404);
        CHECK(none.code() == "NoSuchEntity");
        CHECK(none.message() == "Login Profile for User bob cannot be found.");
        CHECK(e.call(action).code() == "NoSuchEntity");
        CHECK(e.call(action, {{"UserName", "eve"}}).message() ==
              "The user with name eve cannot be found.");
    }
}
