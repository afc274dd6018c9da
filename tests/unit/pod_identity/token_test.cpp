#include "pod_identity/token.hpp"

#include "support/catch.hpp"
#include "support/signing_key.hpp"

namespace {

constexpr base::wall_time now{base::seconds(1'800'000'000)};
const std::string issuer = "https://kubernetes.default.svc";

const support::signing_key& key() {
    static const auto one = support::signing_key::ec("P-256");
    return one;
}
pod_identity::cluster prod() {
    return {"prod", issuer, {pod_identity::usual_audience}, {}};
}
std::string payload(const std::string& more, const std::string& sub = "default:app") {
    return R"({"iss":")" + issuer + R"(","aud":["pods.eks.amazonaws.com"],"exp":1800000100,)" +
           R"("nbf":1799999900,"iat":1799999900,"sub":"system:serviceaccount:)" + sub + '"' + more +
           "}";
}
const std::string pod_claim =
    R"(,"kubernetes.io":{"namespace":"default","serviceaccount":{"name":"app","uid":"1"},)"
    R"("pod":{"name":"app-0","uid":"6c9e9f0c-aaaa"}})";

pod_identity::verdict verdict(const std::string& text, const std::string& kid = "k") {
    const auto read = pod_identity::read_token(key().token("ES256", "k", text), 1, now);
    const auto keys = jose::read_jwk_set(key().key_set(kid)).value();
    return pod_identity::verify_token(std::get<pod_identity::presented_token>(read), prod(), keys);
}
std::string why(const std::string& text) {
    const auto judged = verdict(text);
    const auto* failed = std::get_if<pod_identity::failure>(&judged.outcome);
    return failed ? failed->message : "";
}
std::string unread(std::string_view text, std::size_t fields = 1) {
    const auto read = pod_identity::read_token(text, fields, now);
    const auto* failed = std::get_if<pod_identity::failure>(&read);
    REQUIRE(failed);
    CHECK(failed->status == 400);
    CHECK(failed->code.empty());
    return failed->message;
}

}  // namespace

TEST_CASE("A token of the cluster speaks for its service account and pod") {
    const auto judged = verdict(payload(pod_claim));
    const auto& account = std::get<pod_identity::service_account>(judged.outcome);
    CHECK(account.kubernetes_namespace == "default");
    CHECK(account.name == "app");
    CHECK(account.pod == "app-0");
    CHECK(account.pod_uid == "6c9e9f0c-aaaa");
    const auto plain = verdict(payload(""));
    CHECK(std::get<pod_identity::service_account>(plain.outcome).name == "app");
    CHECK(std::get<pod_identity::service_account>(plain.outcome).pod.empty());
}

TEST_CASE("The agent's own checks, in its order") {
    CHECK(unread("") == "Service account token cannot be empty");
    CHECK(unread("", 0) == "Service account token cannot be empty");
    CHECK(unread("bEaReR a.b.c") ==
          "Service account token cannot be parsed: token is malformed: "
          "tokenstring should not contain 'bearer '");
    CHECK(unread("a.b.c", 2).find("more than one Authorization") != std::string::npos);
    CHECK(unread("a.b") ==
          "Service account token cannot be parsed: token is malformed: token "
          "contains an invalid number of segments");
    CHECK(unread(key().token("ES256", "k", R"({"exp":1})")) ==
          "Service account token failed basic claim validations: token is expired");
    CHECK(unread(key().token("ES256", "k", R"({"exp":1800000001,"nbf":1800000031})")) ==
          "Service account token failed basic claim validations: token is not valid yet");
}

TEST_CASE("An unknown key is told from a bad signature") {
    CHECK(verdict(payload(pod_claim), "other").unknown_key);
    const auto other = support::signing_key::ec("P-256");
    const auto read = pod_identity::read_token(other.token("ES256", "k", payload("")), 1, now);
    const auto keys = jose::read_jwk_set(key().key_set("k")).value();
    const auto judged =
        pod_identity::verify_token(std::get<pod_identity::presented_token>(read), prod(), keys);
    CHECK_FALSE(judged.unknown_key);
    CHECK(std::get<pod_identity::failure>(judged.outcome).code == "InvalidTokenException");
}

TEST_CASE("Claims that do not name one service account name none") {
    CHECK(why(payload(pod_claim)).empty());
    CHECK_FALSE(why(payload(pod_claim, "default:other")).empty());
    CHECK_FALSE(why(payload(pod_claim, "other:app")).empty());
    for (const char* sub :
         {"default", "default:", ":app", "default:app:x", "Default:app", "default:App",
          "default:a/b", "default:-a", "default:a..b", "a.b:app"}) {
        CAPTURE(sub);
        CHECK_FALSE(why(payload("", sub)).empty());
    }
    for (const char* claim :
         {R"("x")", "[]", "null", "{}", R"({"namespace":"default"})",
          R"({"namespace":"default","serviceaccount":"app"})",
          R"({"namespace":"","serviceaccount":{"name":"app"}})",
          R"({"namespace":"default","serviceaccount":{"name":"app"},"pod":{"name":"A B"}})",
          R"({"namespace":"default","serviceaccount":{"name":"app"},"pod":{"uid":"\n"}})"}) {
        CAPTURE(claim);
        CHECK_FALSE(why(payload(R"(,"kubernetes.io":)" + std::string(claim))).empty());
    }
}

TEST_CASE("Associations name one service account of one cluster") {
    pod_identity::options options;
    options.clusters = {prod(), {"dev", "https://dev.example", {"x"}, {}}};
    options.associations = {{0, "default", "app", 3, ""}, {1, "default", "app", 4, ""}};
    const pod_identity::association_table table(options);
    CHECK(table.cluster_of(issuer) == 0u);
    CHECK(table.cluster_of("https://dev.example") == 1u);
    CHECK_FALSE(table.cluster_of(issuer + "/"));
    CHECK(table.profile_of(0, "default", "app") == 3u);
    CHECK(table.profile_of(1, "default", "app") == 4u);
    CHECK_FALSE(table.profile_of(0, "default", "app2"));
    CHECK_FALSE(table.profile_of(0, "web", "app"));
    CHECK_FALSE(table.profile_of(2, "default", "app"));
}
