#include <filesystem>
#include <fstream>

#include "audit/chain.hpp"
#include "cli/audit_text.hpp"
#include "encoding/json.hpp"
#include "rig.hpp"
#include "support/catch.hpp"
#include "unit/audit/temporary_directory.hpp"

using audit_test::put_text;
using audit_test::temporary_directory;
using cli_test::contains;
using cli_test::rig;

namespace {

constexpr const char* records =
    R"({"eventTime":"2026-01-02T03:04:05Z","eventName":"AssumeRole","n":1})"
    "\n"
    R"({"eventTime":"2026-01-02T03:04:06Z","eventName":"Reload","n":2})"
    "\n";

std::string configured(const temporary_directory& dir, const std::string& audit) {
    return "apiVersion: imdsd/v1\nstate_directory: " + dir.file("") +
           "\nlisteners:\n  - {name: imds, serve: imds, address: \"127.0.0.1:1338\"}\n" + audit;
}

}  // namespace

TEST_CASE("A whole log is code 0 and a broken one code 1 with file and line") {
    const temporary_directory dir;
    const std::string log = dir.file("") + "/audit.jsonl";
    audit::chain links({});
    const std::string text = links.extend(records);
    put_text(log, text);
    rig r;
    r.environment.files["/c.yaml"] = configured(dir, "");
    CHECK(r.run({"audit", "verify", "--config", "/c.yaml"}) == 0);
    CHECK(contains(r.out, "ok: 2 records, numbers 1 to 2"));
    CHECK(contains(r.out, "was not compared with a head"));
    CHECK(r.run({"audit", "verify", "-q", "--config", "/c.yaml"}) == 0);
    CHECK(r.out.empty());
    put_text(dir.file("audit-head.json"),
             "{\"sequence\":2,\"hash\":\"" + audit::hash_text(links.last().hash) + "\"}\n");
    CHECK(r.run({"audit", "verify", "--config", "/c.yaml"}) == 0);
    CHECK_FALSE(contains(r.out, "compared"));

    put_text(log, text.substr(0, text.find('\n') + 1));
    CHECK(r.run({"audit", "verify", "--config", "/c.yaml"}) == 1);
    CHECK(r.out.empty());
    CHECK(r.err == log + ":1: broken: the log ends with record 1, but record 2 was written\n");
    CHECK(r.run({"audit", "verify", "-o", "json", "--config", "/c.yaml"}) == 1);
    const auto found = encoding::parse_json(r.out);
    REQUIRE(found.has_value());
    CHECK(found->at("break").at("line").as_int64() == 1);
    CHECK_FALSE(found->at("ok").as_bool());
    // As far as it goes it is whole.
    CHECK(r.run({"audit", "verify", log}) == 0);
    CHECK(r.run({"audit", "verify", log, "--head", dir.file("audit-head.json")}) == 1);
    CHECK(r.run({"audit", "verify", log, "--head", dir.file("none")}) == 1);
}

TEST_CASE("What cannot be verified is told apart by the exit code") {
    const temporary_directory dir;
    rig r;
    CHECK(r.run({"audit"}) == 2);
    CHECK(r.run({"audit", "verify", "--head", "/x"}) == 2);
    CHECK(r.run({"audit", "tail", "-n", "many"}) == 2);
    CHECK(r.run({"audit", "verify", "--config", "/none.yaml"}) == 3);
    CHECK(r.run({"audit", "verify", dir.file("none")}) == 1);
    CHECK(contains(r.err, dir.file("none") + ": No such file"));
    CHECK(r.run({"audit", "verify", dir.file("")}) == 1);
    r.environment.files["/c.yaml"] = configured(dir, "audit: {output: journald}\n");
    for (const char* verb : {"verify", "tail"}) {
        CHECK(r.run({"audit", verb, "--config", "/c.yaml"}) == 1);
        CHECK(contains(r.err, "audit.output is journald"));
    }
}

TEST_CASE("The last records are shown for people or as they are") {
    const temporary_directory dir;
    put_text(dir.file("audit.jsonl"), records);
    rig r;
    r.environment.files["/c.yaml"] = configured(dir, "");
    CHECK(r.run({"audit", "tail", "-n", "1", "--config", "/c.yaml"}) == 0);
    CHECK(r.out == "2026-01-02T03:04:06Z Reload by -\n");
    CHECK(r.run({"audit", "tail", "-o", "json", dir.file("audit.jsonl")}) == 0);
    CHECK(r.out == records);
}

TEST_CASE("A record is one line of time, event, who, from where and what came of it") {
    using cli::audit_line_text;
    CHECK(
        audit_line_text(
            R"({"eventTime":"T","eventName":"AssumeRole","eventSource":"s","sourceIPAddress":"192.0.2.1",)"
            R"("userIdentity":{"type":"IAMUser","arn":"arn:u"},)"
            R"("requestParameters":{"roleArn":"arn:r","roleSessionName":"x"},)"
            R"("responseElements":{"credentials":{"accessKeyId":"ASIA1"}}})") ==
        "T AssumeRole by arn:u from 192.0.2.1 arn:r session x -> ASIA1");
    CHECK(
        audit_line_text(
            R"({"eventTime":"T","eventName":"GetRoleCredentials","eventSource":"s","sourceIPAddress":"s",)"
            R"("userIdentity":{"type":"Workload","uid":5,"unit":"a.service"},)"
            R"("requestParameters":{"role":"arn:r","profile":"p"},"responseElements":null,)"
            R"("errorCode":"no_binding","errorMessage":"why\u001b[2J"})") ==
        "T GetRoleCredentials by Workload a.service uid 5 arn:r profile p FAILED no_binding "
        "why?[2J");
    CHECK(audit_line_text("{\"cut\x1b") == "(not a record) {\"cut?");
    CHECK(audit_line_text("{}") == " by -");
}
