#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/rsa_key.hpp"

using namespace profile;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const std::string meta = "/latest/meta-data/";

struct rig : fixture {
    unsigned status(const std::string& path) { return get(meta + path).status; }
    std::string body(const std::string& path) { return get(meta + path).body; }
};

}  // namespace

TEST_CASE("V19, V23, V26, V27: what is there when nothing happens") {
    rig r;
    for (const char* path : {"spot/instance-action", "spot/termination-time", "spot",
                             "events/recommendations/rebalance", "events/recommendations",
                             "autoscaling/target-lifecycle-state", "managed-ssh-keys"})
        CHECK(r.status(path) == 404);
    CHECK(r.body("events/maintenance/scheduled") == "[]");
    CHECK(r.body("events/maintenance/history") == "[]");
    CHECK(r.body("events") == "maintenance/");
}

TEST_CASE("V20 to V22: Spot notices are one line; only termination has a time of its own") {
    rig r;
    r.profile.lifecycle.spot = spot_interruption{spot_action::terminate, r.now + minutes(2)};
    CHECK(r.body("spot/instance-action") ==
          R"({"action": "terminate", "time": "2026-09-21T14:15:20Z"})");
    CHECK(r.body("spot/termination-time") == "2026-09-21T14:15:20Z");
    for (const auto action : {spot_action::stop, spot_action::hibernate}) {
        r.profile.lifecycle.spot->action = action;
        r.changed();
        CHECK(r.body("spot/instance-action") == R"({"action": ")" + std::string(to_string(action)) +
                                                    R"(", "time": "2026-09-21T14:15:20Z"})");
        CHECK(r.status("spot/termination-time") == 404);
    }
    CHECK(r.get("/2014-11-05/meta-data/spot/instance-action").status == 404);
}

TEST_CASE("V24: maintenance, member by member") {
    rig r;
    maintenance_event event;
    event.description = "say \"when\"";
    event.not_before = base::wall_time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)) +
                       hours(3) + minutes(4) + std::chrono::seconds(5);
    event.not_after = event.not_before + hours(1);
    r.profile.lifecycle.scheduled = {{"instance-event-1", event}};
    event.not_before_deadline = event.not_before + hours(24 * 30);
    event.state = maintenance_state::completed;
    auto canceled = event;
    canceled.state = maintenance_state::canceled;
    r.profile.lifecycle.history = {{"instance-event-2", event}, {"instance-event-3", canceled}};
    CHECK(r.body("events/maintenance/scheduled") == R"([
  {
    "NotBefore" : "02 Jan 2026 03:04:05 GMT",
    "Code" : "system-reboot",
    "Description" : "say \"when\"",
    "EventId" : "instance-event-1",
    "NotAfter" : "02 Jan 2026 04:04:05 GMT",
    "State" : "active"
  }
])");
    CHECK(r.body("events/maintenance/history") == R"([
  {
    "NotBefore" : "02 Jan 2026 03:04:05 GMT",
    "Code" : "system-reboot",
    "Description" : "[Completed] say \"when\"",
    "EventId" : "instance-event-2",
    "NotAfter" : "02 Jan 2026 04:04:05 GMT",
    "NotBeforeDeadline" : "01 Feb 2026 03:04:05 GMT",
    "State" : "completed"
  },
  {
    "NotBefore" : "02 Jan 2026 03:04:05 GMT",
    "Code" : "system-reboot",
    "Description" : "[Canceled] say \"when\"",
    "EventId" : "instance-event-3",
    "NotAfter" : "02 Jan 2026 04:04:05 GMT",
    "NotBeforeDeadline" : "01 Feb 2026 03:04:05 GMT",
    "State" : "canceled"
  }
])");
}

TEST_CASE("V26, V28: recommendation and target state") {
    rig r;
    r.profile.lifecycle.rebalance = r.now;
    r.profile.lifecycle.autoscaling = autoscaling_target::warmed_hibernated;
    CHECK(r.body("events/recommendations/rebalance") ==
          R"({"noticeTime": "2026-09-21T14:13:20Z"})");
    CHECK(r.body("events") == "maintenance/\nrecommendations/");
    CHECK(r.body("autoscaling/target-lifecycle-state") == "Warmed:Hibernated");
    CHECK(r.get("/2021-03-23/meta-data/autoscaling").status == 404);
    CHECK(r.get("/2019-10-01/meta-data/events/recommendations").status == 404);
}

TEST_CASE("V42: pushed keys, and the signer only when it is configured") {
    rig r;
    r.profile.lifecycle.keys = {{{"ec2-user", "ssh-ed25519 AAAA me"}, r.now}};
    CHECK(r.ask("HEAD", meta + "managed-ssh-keys/active-keys/ec2-user/").status == 200);
    CHECK(r.body("managed-ssh-keys/active-keys/ec2-user/") == "ssh-ed25519 AAAA me");
    CHECK(r.status("managed-ssh-keys/active-keys/root/") == 404);
    CHECK(r.status("managed-ssh-keys/signer-cert/") == 404);
    CHECK(r.status("managed-ssh-keys/signer-ocsp/") == 404);
    r.profile.connect.signer_certificate = "PEM";
    r.profile.connect.signer_ocsp = {{"0A1B", "YmFzZTY0"}, {"0A1C", "eA=="}};
    r.profile.lifecycle.keys.clear();
    r.changed();
    CHECK(r.body("managed-ssh-keys/signer-cert/") == "PEM");
    CHECK(r.body("managed-ssh-keys/signer-ocsp/") == "0A1B\n0A1C");
    CHECK(r.body("managed-ssh-keys/signer-ocsp/0A1B") == "YmFzZTY0");
    CHECK(r.status("managed-ssh-keys/active-keys/") == 404);
}

TEST_CASE("Several keys of a user are one list; a signer signs each line") {
    rig r;
    r.profile.lifecycle.keys = {{{"me", "ssh-ed25519 AAAA a"}, r.now},
                                {{"me", "ssh-ed25519 BBBB b"}, r.now}};
    CHECK(r.body("managed-ssh-keys/active-keys/me") == "ssh-ed25519 AAAA a\nssh-ed25519 BBBB b");
    r.profile.connect.signer_key = std::make_shared<const base::secret>(support::new_rsa_key());
    r.profile.lifecycle.keys[1].pushed.text = "#Timestamp=1\n#Instance=i-1\nssh-rsa C c\nc2ln\n\n";
    r.changed();
    const std::string list = r.body("managed-ssh-keys/active-keys/me");
    CHECK(
        list.starts_with("#Timestamp=1790000000\n#Instance=i-1234567890abcdef0\n"
                         "ssh-ed25519 AAAA a\n"));
    // 256 bytes of signature: 344 characters of base64 on five lines, and an empty one.
    const auto rest = list.substr(list.find("AAAA a\n") + 7);
    CHECK(rest.substr(0, 351).find("\n\n") == 348);
    CHECK(rest.ends_with("\n\n#Timestamp=1\n#Instance=i-1\nssh-rsa C c\nc2ln\n\n"));
}
