#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

const std::string account =
    "  accounts:\n"
    "    '123456789012':\n"
    "      roles:\n"
    "        web: {trust_policy: {Statement: {Effect: Allow, Principal: {Service: "
    "ec2.amazonaws.com}, Action: 'sts:AssumeRole'}}}\n"
    "      instance_profiles:\n"
    "        web: {path: /servers/, role: web}\n"
    "        bare: {}\n";

/// `profile` stands in line 5, after 6 columns.
std::string text(const std::string& profile, const std::string& issuer = account) {
    return "apiVersion: imdsd/v1\n"
           "listeners: [{name: imds, serve: imds, address: '127.0.0.1:0'}]\n"
           "sources: {local: {type: core}}\n"
           "profiles:\n"
           "  p: {" +
           profile +
           "}\n"
           "bindings: [{user: self, profile: p}]\n"
           "issuer:\n" +
           issuer;
}

profile::attached_instance_profile named(const std::string& what,
                                         const std::string& issuer = account) {
    const auto c = loaded(text("instance_profile: '" + what + "', source: local", issuer));
    REQUIRE(c.profiles.size() == 1);
    CHECK_FALSE(c.profiles[0].granted_role.has_value());
    REQUIRE(c.profiles[0].instance_profile.has_value());
    return *c.profiles[0].instance_profile;
}

}  // namespace

TEST_CASE("A profile names an instance profile by name or by ARN") {
    const auto by_name = named("web");
    CHECK(by_name.partition == "aws");
    CHECK(by_name.account == "123456789012");
    CHECK(by_name.name == "web");
    CHECK(by_name.path.empty());
    CHECK(by_name.arn.empty());
    const auto by_arn = named("arn:aws:iam::123456789012:instance-profile/servers/web");
    CHECK(by_arn.account == "123456789012");
    CHECK(by_arn.name == "web");
    CHECK(by_arn.path == "/servers/");
    // Not in the file: the store may have it, now or later.
    CHECK(named("other").name == "other");
    CHECK(named("arn:aws:iam::210987654321:instance-profile/x").account == "210987654321");
    CHECK(named("x", "  account: '000000000007'\n").account == "000000000007");
}

TEST_CASE("What is wrong with a profile's instance profile is told where it is written") {
    const auto said = [](const std::string& profile, const std::string& issuer = account) {
        const auto all = said_about(text(profile, issuer));
        REQUIRE(all.size() == 1);
        return all[0];
    };
    const auto about = [&](const std::string& what, const std::string& issuer = account) {
        return said("instance_profile: " + what + ", source: local", issuer);
    };
    CHECK(said("instance_profile: web") == "5:6: missing key 'source' in a profile");
    CHECK(said("instance_profile: web, source: locl") ==
          "5:38: there is no source 'locl'; did you mean 'local'?");
    CHECK(said("instance_profile: web, source: local, role: "
               "'arn:aws:iam::123456789012:role/web'")
              .find("5:7: a profile has a 'role' or an 'instance_profile'") == 0);
    CHECK(said("instance_profile: web, source: local, instance_profile_name: x") ==
          "5:45: with 'instance_profile' the name is that one's");
    CHECK(said("duration: 1h") == "5:7: 'duration' needs a 'role' or an 'instance_profile'");
    CHECK(said("instance_profile: web, source: local, duration: 2h") ==
          "5:45: 'duration' is longer than the role's max_session_duration, 1h");
    CHECK(about("'a b'").find("5:25: 'instance_profile' is a name of 1 to 128 letters") == 0);
    CHECK(about("'arn:aws:iam::123456789012:role/web'")
              .find("the ARN of an instance profile is like ") != std::string::npos);
    CHECK(about("'arn:aws:iam::12:instance-profile/web'")
              .find("the ARN of an instance profile is like ") != std::string::npos);
    CHECK(about("'arn:corp:iam::123456789012:instance-profile/web'")
              .find("the issuer is in partition 'aws'") != std::string::npos);
    CHECK(about("'arn:aws:iam::123456789012:instance-profile/web'") ==
          "5:25: the path of instance profile 'web' is '/servers/'");
    CHECK(about("web", "  region: us-east-1\n").find("5:25: a name needs one account") == 0);
    CHECK(about("weeb", "  store: memory\n" + account) ==
          "5:25: account 123456789012 in issuer.accounts has no instance profile 'weeb', and "
          "'store: memory' has none to begin with; did you mean 'web'?");
}

TEST_CASE("A role of the file that distrusts the daemon is warned of through instance profiles") {
    std::string distrusting = account;
    distrusting.replace(distrusting.find("ec2."), 4, "sqs.");
    const auto all = said_about(text("instance_profile: web, source: local", distrusting));
    REQUIRE(all.size() == 1);
    CHECK(all[0].find("5:7: warning: profile 'p': the issuer will refuse its role: for "
                      "'instance_profile' the trust policy of 'web'") == 0);
}
