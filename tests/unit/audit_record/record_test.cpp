#include "audit_record/record.hpp"

#include <boost/json/parse.hpp>

#include "audit_record/imds_events.hpp"
#include "base/time_text.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

base::wall_time at(const char* text) {
    return base::parse_iso8601(text).value();
}

audit_record::record assume_role() {
    audit_record::record r;
    r.time = at("2026-11-22T08:09:10Z");
    r.event_source = "sts.amazonaws.com";
    r.event_name = "AssumeRole";
    r.region = "us-east-1";
    r.source_address = "192.0.2.7";
    r.user_agent = "aws-cli/2";
    r.user_identity["type"] = "IAMUser";
    r.request_parameters["roleArn"] = "arn:aws:iam::123456789012:role/backup";
    r.request_id = "req";
    r.event_id = "evt";
    r.account = "123456789012";
    return r;
}

audit_record::event_facts facts() {
    return {at("2026-11-22T08:09:10Z"), "evt", "us-east-1", "123456789012", ""};
}

boost::json::object parsed(const audit_record::record& r) {
    return boost::json::parse(audit_record::to_json_line(r, "host")).as_object();
}

}  // namespace

TEST_CASE("A record has the members of CloudTrail in the order of CloudTrail") {
    CHECK(audit_record::to_json_line(assume_role(), "host-1") ==
          R"({"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},)"
          R"("eventTime":"2026-11-22T08:09:10Z","eventSource":"sts.amazonaws.com",)"
          R"("eventName":"AssumeRole","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7",)"
          R"("userAgent":"aws-cli/2",)"
          R"("requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/backup"},)"
          R"("responseElements":null,"requestID":"req","eventID":"evt","readOnly":true,)"
          R"("eventType":"AwsApiCall","managementEvent":true,)"
          R"("recipientAccountId":"123456789012","eventCategory":"Management",)"
          R"("hostId":"host-1"})");
}

TEST_CASE("A failure carries its code and message and null response elements") {
    audit_record::record r = assume_role();
    r.error_code = "AccessDenied";
    r.error_message = "not authorized";
    const boost::json::object line = parsed(r);
    CHECK(line.at("errorCode").as_string() == "AccessDenied");
    CHECK(line.at("errorMessage").as_string() == "not authorized");
    CHECK(line.at("responseElements").is_null());
}

TEST_CASE("Empty request parameters are null and additional data is left out") {
    audit_record::record r = assume_role();
    r.request_parameters.clear();
    CHECK(parsed(r).at("requestParameters").is_null());
    CHECK_FALSE(parsed(r).contains("additionalEventData"));
    CHECK_FALSE(parsed(r).contains("errorCode"));
}

TEST_CASE("A record is one line of valid JSON whatever bytes it holds") {
    audit_record::record r = assume_role();
    r.user_identity["cgroup"] = "/a\n\"b\xff\xc3\"";
    const std::string line = audit_record::to_json_line(r, "h");
    CHECK(line.find('\n') == std::string::npos);
    CHECK(boost::json::parse(line).at("userIdentity").at("cgroup").as_string() ==
          "/a\n\"b\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("Event ids are version 4 UUIDs and differ") {
    support::counting_random random;
    const std::string first = audit_record::new_event_id(random);
    REQUIRE(first.size() == 36);
    CHECK(first[8] == '-');
    CHECK(first[13] == '-');
    CHECK(first[14] == '4');
    CHECK(std::string("89ab").find(first[19]) != std::string::npos);
    CHECK(audit_record::new_event_id(random) != first);
}

TEST_CASE("Expirations are written as CloudTrail writes them") {
    CHECK(audit_record::expiration_text(at("2024-10-25T21:07:11Z")) == "Oct 25, 2024, 9:07:11 PM");
    CHECK(audit_record::expiration_text(at("2026-01-02T00:00:05Z")) == "Jan 2, 2026, 12:00:05 AM");
    CHECK(audit_record::expiration_text(at("2026-12-31T12:30:00Z")) == "Dec 31, 2026, 12:30:00 PM");
}

TEST_CASE("A hand-out names the workload the role and the access key") {
    audit_record::hand_out_facts hand;
    hand.caller.uid = 0;
    hand.caller.cgroup = "/system.slice/backup.service";
    hand.caller.unit = "backup.service";
    hand.caller.address = "127.0.0.1";
    hand.profile = "backup";
    hand.role_arn = "arn:aws:iam::123456789012:role/backup";
    hand.imds_version = "2";
    hand.listener = "imds";
    hand.access_key_id = "ASIAEXAMPLE";
    hand.expiration = at("2026-11-22T09:09:10Z");
    const boost::json::object line = parsed(audit_record::hand_out(facts(), hand));
    CHECK(line.at("eventSource").as_string() == "imds.imdsd");
    CHECK(line.at("eventName").as_string() == "GetRoleCredentials");
    CHECK(line.at("sourceIPAddress").as_string() == "127.0.0.1");
    CHECK(line.at("userIdentity") ==
          boost::json::parse(R"({"type":"Workload","uid":0,"cgroup":"/system.slice/backup.service",
                                 "unit":"backup.service","address":"127.0.0.1"})"));
    CHECK(line.at("requestParameters") ==
          boost::json::parse(R"({"profile":"backup","listener":"imds","imdsVersion":"2",
                                 "role":"arn:aws:iam::123456789012:role/backup"})"));
    CHECK(
        line.at("responseElements") ==
        boost::json::parse(R"({"accessKeyId":"ASIAEXAMPLE","expiration":"2026-11-22T09:09:10Z"})"));
    CHECK(line.at("resources").at(0).at("type").as_string() == "AWS::IAM::Role");
    CHECK(line.at("readOnly").as_bool());
}

TEST_CASE("What concerns TLS and several accounts is at the top, where CloudTrail has it") {
    auto r = assume_role();
    CHECK_FALSE(parsed(r).contains("tlsDetails"));
    CHECK_FALSE(parsed(r).contains("sharedEventID"));
    r.tls_details = {{"tlsVersion", "TLSv1.3"}};
    r.shared_event_id = "both";
    CHECK(parsed(r).at("tlsDetails").at("tlsVersion") == "TLSv1.3");
    CHECK(parsed(r).at("sharedEventID") == "both");
}

TEST_CASE("A refusal says why and how many equal ones were not written") {
    audit_record::refusal_facts refused;
    refused.reason = "no binding matches uid 1000";
    refused.listener = "imds";
    refused.suppressed = 41;
    const boost::json::object line = parsed(audit_record::refusal(facts(), refused));
    CHECK(line.at("eventName").as_string() == "RefuseCaller");
    CHECK(line.at("errorCode").as_string() == "AccessDenied");
    CHECK(line.at("errorMessage").as_string() == "no binding matches uid 1000");
    CHECK(line.at("additionalEventData").at("suppressedRepeats").as_int64() == 41);
    CHECK(line.at("responseElements").is_null());
    CHECK_FALSE(line.at("userIdentity").as_object().contains("uid"));
}

TEST_CASE("Service events are no API calls of a workload") {
    audit_record::reload_facts good;
    good.trigger = "signal";
    good.generation = 2;
    const boost::json::object line = parsed(audit_record::reload(facts(), good));
    CHECK(line.at("eventName").as_string() == "Reload");
    CHECK(line.at("eventType").as_string() == "AwsServiceEvent");
    CHECK(line.at("sourceIPAddress").as_string() == "imds.imdsd");
    CHECK(line.at("responseElements").at("generation").as_int64() == 2);

    audit_record::reload_facts bad;
    bad.failure = "line 3: unknown key";
    CHECK(parsed(audit_record::reload(facts(), bad)).at("errorMessage").as_string() ==
          "line 3: unknown key");
    audit_record::change_facts change;
    change.name = "AddEvent";
    change.uid = 1000;
    change.parameters = {{"kind", "rebalance"}};
    const boost::json::object changed = parsed(audit_record::change(facts(), change));
    CHECK(changed.at("eventName").as_string() == "AddEvent");
    CHECK(changed.at("userIdentity").at("uid").to_number<int>() == 1000);
    CHECK(changed.at("requestParameters").at("kind").as_string() == "rebalance");
    CHECK_FALSE(changed.at("readOnly").as_bool());
    change.failure = "no such profile";
    CHECK(parsed(audit_record::change(facts(), change)).at("errorMessage").as_string() ==
          "no such profile");
    CHECK(parsed(audit_record::start(facts(), {"1", "c"})).at("eventName").as_string() == "Start");
    CHECK(parsed(audit_record::stop(facts(), {"signal"})).at("eventName").as_string() == "Stop");
}
