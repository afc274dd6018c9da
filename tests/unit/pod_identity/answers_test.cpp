#include "pod_identity/answers.hpp"

#include "support/catch.hpp"

TEST_CASE("Failures read as the agent passes them on") {
    CHECK(pod_identity::failure{400, {}, "plain"}.text("id") == "plain");
    CHECK(pod_identity::invalid_token("x").text("id") ==
          "[id]: (InvalidTokenException): x, fault: client");
    CHECK(pod_identity::invalid_token("x").status == 400);
    CHECK(pod_identity::access_denied("x").status == 400);
    CHECK(pod_identity::no_association("x").status == 404);
    CHECK(pod_identity::service_unavailable("x").status == 503);
    CHECK(pod_identity::service_unavailable("x").text("id") ==
          "[id]: (ServiceUnavailableException): x, fault: server");
}

TEST_CASE("The document has the agent's members in its order, and nothing else") {
    aws::credentials given;
    given.access_key_id = "ASIAEXAMPLE";
    given.secret_access_key = base::secret("s/e+c\"ret");
    given.session_token = base::secret("token==");
    given.expiration = base::wall_time(base::seconds(1'800'000'000));
    CHECK(pod_identity::credential_document(given, "123456789012") ==
          R"({"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s/e+c\"ret","Token":"token==",)"
          R"("AccountId":"123456789012","Expiration":"2027-01-15T08:00:00Z"})");
}

TEST_CASE("Errors and redirects as Go's net/http writes them") {
    http::response answer;
    pod_identity::answer_error(403, "Access Denied. x", answer);
    CHECK(answer.status == 403);
    CHECK(answer.body == "Access Denied. x\n");
    CHECK(answer.headers ==
          "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n");
    http::response moved;
    pod_identity::answer_moved("/a?b=\"<&'>", "GET", moved);
    CHECK(moved.body == "<a href=\"/a?b=&#34;&lt;&amp;&#39;&gt;\">Moved Permanently</a>.\n\n");
    http::response silent;
    pod_identity::answer_moved("/a", "POST", silent);
    CHECK(silent.body.empty());
    CHECK(silent.more_headers == "Location: /a\r\n");
}
