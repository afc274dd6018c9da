#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

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
///           "failures","access_key_suffix"}],"bindings":n,"workers":n,
///           "counters":{"requests","tokens_issued","denied":{reason:n},"imdsv1_requests"},"audit":{...}}
/// whoami and explain:
/// {"apiVersion","caller":text,"allowed":bool,"profile","role_arn","rule","state",
///           "expires_at","expires_in_seconds","reason","steps":[text],"hint"}
/// reload:  {"apiVersion","ok":bool,"errors":[text]}
/// environment, environment_of: {"apiVersion","allowed":bool,"reason","profile","rule",
///           "variables":{NAME:text}}; a variable may be a secret
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
    virtual bool ready() = 0;
};

}  // namespace admin
