#include "source/core_issuer.hpp"

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

constexpr const char* account = "123456789012";

std::string role_arn(std::string_view name) {
    std::string arn = "arn:aws:iam::";
    arn.append(account).append(":role/").append(name);
    return arn;
}

policy::document parsed(const char* json, policy::document_kind kind) {
    return policy::document::parse(json, kind).value();
}

/// One account with a role that the EC2 service may assume and one that it may not.
class two_roles final : public sts::principal_store {
public:
    two_roles() {
        const auto add = [this](const char* name, const char* service) {
            std::string trust = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)";
            trust.append(R"("Principal":{"Service":")").append(service).append(R"("},)");
            trust.append(
                R"("Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]})");
            auto role = std::make_shared<sts::role_record>();
            role->account = account;
            role->path = "/";
            role->name = name;
            role->arn = role_arn(name);
            role->unique_id = "AROAEXAMPLEEXAMPLE000";
            role->trust = parsed(trust.c_str(), policy::document_kind::trust);
            roles_.push_back(role);
        };
        add("backup", "ec2.amazonaws.com");
        add("other", "lambda.amazonaws.com");
    }

    sts::managed_policy find_managed_policy(std::string_view) const override { return nullptr; }
    bool is_revoked(const sts::session_claim&) const override { return false; }
    bool has_account(std::string_view id) const override { return id == account; }
    const sts::organization* find_organization() const override { return nullptr; }
    std::shared_ptr<const sts::access_key_record> find_access_key(std::string_view) const override {
        return nullptr;
    }
    std::shared_ptr<const sts::role_record> find_role(std::string_view, std::string_view,
                                                      std::string_view name) const override {
        for (const auto& r : roles_) {
            if (r->name == name) return r;
        }
        return nullptr;
    }
    std::shared_ptr<const sts::user_record> find_user(std::string_view,
                                                      std::string_view) const override {
        return nullptr;
    }

private:
    std::vector<std::shared_ptr<const sts::role_record>> roles_;
};

struct scene {
    support::manual_clock clock;
    support::counting_random random;
    bool audit_works = true;
    std::vector<audit_record::record> records;
    std::shared_ptr<source::credential_source> source =
        source::make_core_issuer_source(std::make_shared<sts::issuer>(
            sts::issuer_options{}, std::make_shared<two_roles>(),
            std::make_shared<const sts::key_ring>(sts::key_ring::generate(random, clock.now())),
            clock, random, [this](audit_record::record r) {
                records.push_back(std::move(r));
                return audit_works;
            }));

    static source::credential_request request(const std::string& role = "backup") {
        source::credential_request r;
        r.role_arn = role_arn(role);
        r.session_name = "i-0123456789abcdef0";
        return r;
    }
};

base::error_kind kind_of(base::error_kind kind, const char* code) {
    return source::as_source_error({kind, "why", code}).kind;
}

}  // namespace

TEST_CASE("A role that trusts the EC2 service is assumed for the life that was asked for") {
    scene s;
    const auto got = s.source->fetch(scene::request());
    REQUIRE(got.has_value());
    CHECK(got->access_key_id.substr(0, 4) == "ASIA");
    CHECK_FALSE(got->secret_access_key.empty());
    CHECK_FALSE(got->session_token.empty());
    CHECK(std::chrono::floor<std::chrono::seconds>(got->expiration) ==
          std::chrono::floor<std::chrono::seconds>(s.clock.now() + base::seconds(3600)));
    const auto again = s.source->fetch(scene::request());
    REQUIRE(again.has_value());
    CHECK(again->access_key_id != got->access_key_id);
}

TEST_CASE("Tags and source identity are passed on") {
    scene s;
    source::credential_request r = scene::request();
    r.tags = {{"team", "storage"}};
    r.transitive_tag_keys = {"team"};
    r.source_identity = "alice";
    CHECK(s.source->fetch(r).has_value());
    REQUIRE_FALSE(s.records.empty());
    const auto& asked = s.records.back().request_parameters;
    CHECK(asked.at("sourceIdentity").as_string() == "alice");
    CHECK(asked.at("tags").at(0).at("key").as_string() == "team");
}

TEST_CASE("A role that does not trust the EC2 service is denied") {
    scene s;
    const auto got = s.source->fetch(scene::request("other"));
    REQUIRE(got.has_error());
    CHECK(got.error().kind == base::error_kind::denied);
    CHECK(got.error().code == "AccessDenied");
}

TEST_CASE("A role that does not exist is denied") {
    scene s;
    const auto got = s.source->fetch(scene::request("missing"));
    REQUIRE(got.has_error());
    CHECK(got.error().kind == base::error_kind::denied);
}

TEST_CASE("An input that the issuer refuses is denied with its message") {
    scene s;
    source::credential_request r = scene::request();
    r.session_policy = "{";
    const auto malformed = s.source->fetch(r);
    REQUIRE(malformed.has_error());
    CHECK(malformed.error().kind == base::error_kind::denied);
    CHECK(malformed.error().code == "MalformedPolicyDocument");
    CHECK_FALSE(malformed.error().message.empty());

    source::credential_request longer = scene::request();
    longer.duration = base::seconds(12 * 3600);
    const auto too_long = s.source->fetch(longer);
    REQUIRE(too_long.has_error());
    CHECK(too_long.error().kind == base::error_kind::denied);
    CHECK(too_long.error().code == "ValidationError");
}

TEST_CASE("An issuer that cannot write its audit record is out of reach and not a denial") {
    scene s;
    s.audit_works = false;
    const auto got = s.source->fetch(scene::request());
    REQUIRE(got.has_error());
    CHECK(got.error().kind == base::error_kind::unavailable);
}

TEST_CASE("Only faults that pass are worth a retry") {
    using kind = base::error_kind;
    CHECK(kind_of(kind::denied, "AccessDenied") == kind::denied);
    CHECK(kind_of(kind::invalid, "ValidationError") == kind::denied);
    CHECK(kind_of(kind::invalid, "MalformedPolicyDocument") == kind::denied);
    CHECK(kind_of(kind::invalid, "PackedPolicyTooLarge") == kind::denied);
    CHECK(kind_of(kind::unavailable, "ServiceUnavailable") == kind::unavailable);
    CHECK(kind_of(kind::internal, "InternalFailure") == kind::unavailable);
    CHECK(kind_of(kind::internal, "") == kind::unavailable);
    CHECK(source::as_source_error({base::error_kind::denied, "why", "AccessDenied"}).message ==
          "why");
}

TEST_CASE("Without an issuer there is an error and no crash") {
    const auto source = source::make_core_issuer_source(nullptr);
    CHECK(source->fetch(scene::request()).has_error());
}

TEST_CASE("The core issuer has credentials of the instance itself") {
    scene s;
    CHECK(s.source->issues_instance_credentials());
    source::credential_request own;
    own.subject = source::credential_subject::instance;
    own.account = account;
    own.session_name = "i-0123456789abcdef0";
    own.duration = base::seconds(6 * 3600);
    const auto got = s.source->fetch(own);
    REQUIRE(got.has_value());
    CHECK(got->expiration == s.clock.now() + base::seconds(6 * 3600));
    own.session_name = "no instance";
    const auto refused = s.source->fetch(own);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == base::error_kind::denied);
    CHECK_FALSE(source::make_core_issuer_source(nullptr)->issues_instance_credentials());
}
