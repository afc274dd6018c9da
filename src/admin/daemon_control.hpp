#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "admin/key_queries.hpp"
#include "admin/live_queries.hpp"
#include "admin/revoke_queries.hpp"
#include "base/error.hpp"

namespace admin {

/// Peer of the admin socket (SO_PEERCRED).
struct peer {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int32_t pid = 0;
};

/// A hypothetical caller for `explain`. Unset members are absent facts.
struct explain_query {
    std::optional<std::string> user;  ///< name or uid
    std::optional<std::int32_t> pid;  ///< uid, groups and cgroup are read from /proc
    std::optional<std::string> unit;
    std::optional<std::string> cgroup;
    std::optional<std::string> address;
    std::optional<std::string> interface;
    std::optional<std::string> listener;
};

/// Whose environment an operator wants: exactly one is set.
struct environment_query {
    std::optional<std::string> profile;
    std::optional<std::string> binding;  ///< its place, "file:line", as explain tells it
};

/// What the admin socket can ask of the daemon. Answers are JSON objects that the command line
/// prints as they are with -o json; keys are stable. Called on the control thread.
///
/// status:
/// {"apiVersion","version","pid","uptime_seconds","ready","configuration":{"file","generation",
///           "loaded_at","last_reload":{"ok","at","errors":[...]}},"listeners":[{"name","kind","address"}],
///           "profiles":[{"name","role_arn","state","expires_at","expires_in_seconds","next_try","failure",
///           "failures","access_key_suffix","instance_credentials":state,"options_changed":{...},"events":n,
///           "faults":[text]}],"bindings":n,"workers":n,
///           "counters":{"requests","tokens_issued","denied":{reason:n},"imdsv1_requests"},"audit":{...}}
/// whoami and explain:
/// {"apiVersion","caller":text,"allowed":bool,"profile","role_arn","rule","state",
///           "expires_at","expires_in_seconds","reason","steps":[text],"hint"}
/// reload:  {"apiVersion","ok":bool,"errors":[text]}
/// environment, environment_of: {"apiVersion","allowed":bool,"reason","profile","rule",
///           "variables":{NAME:text}}; a variable may be a secret
/// events:  {"apiVersion","events":[{"id","kind","profile","visible","state",...}]}; profile is
///          absent when the event is everybody's
/// add_event, cancel_event, complete_event: {"apiVersion","event":{...}} as in `events`
/// options, change_options: {"apiVersion","profiles":[{"name","options":{...},"changed":{...}}]}:
///          what is in force, and what of it was changed at run time
/// identity: {"apiVersion","certificates":[{"kind","subject","serial_number","pem"}]}: what
/// verifiers
///          of the instance identity document need. Unavailable while the keys are being made.
/// keys, change_keys: {"apiVersion","keys":[{"id","purpose","phase","created","activated",
///          "left_active","ended"}],"changed":id}: what of the ring is no secret; times that are
///          not known or not yet are absent, and `changed` is the key that a change was about
/// revocations: {"apiVersion","revocations":[{"kind","subject","arn","account","before","created",
///          "until","reason"}]}: those in force, the newest first; what does not apply is absent
/// revoke:  {"apiVersion","done":text,"revocation":{...}} as in `revocations`
/// Those of events, options, keys and revocations fail with what is wrong with the request, or
/// could not be written down.
class daemon_control {
public:
    virtual ~daemon_control() = default;
    virtual boost::json::object status() = 0;
    virtual boost::json::object whoami(const peer& who) = 0;
    virtual boost::json::object explain(const explain_query& query) = 0;
    virtual boost::json::object reload() = 0;
    /// What a workload exports to find the daemon: the peer itself, or the one of a binding.
    virtual boost::json::object environment(const peer& who) = 0;
    virtual boost::json::object environment_of(const environment_query& query) = 0;
    virtual boost::json::object events() = 0;
    virtual base::result<boost::json::object> add_event(const peer& who,
                                                        const event_request& request) = 0;
    virtual base::result<boost::json::object> cancel_event(const peer& who,
                                                           const std::string& id) = 0;
    virtual base::result<boost::json::object> complete_event(const peer& who,
                                                             const std::string& id) = 0;
    virtual base::result<boost::json::object> options(const std::string& profile) = 0;
    virtual base::result<boost::json::object> change_options(const peer& who,
                                                             const options_request& request) = 0;
    virtual base::result<boost::json::object> identity() = 0;
    virtual base::result<boost::json::object> keys() = 0;
    virtual base::result<boost::json::object> change_keys(const peer& who,
                                                          const key_request& request) = 0;
    virtual base::result<boost::json::object> revocations() = 0;
    virtual base::result<boost::json::object> revoke(const peer& who,
                                                     const revoke_request& request) = 0;
    virtual bool ready() = 0;
};

}  // namespace admin
