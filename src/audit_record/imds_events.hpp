#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit_record/record.hpp"

namespace audit_record {

inline constexpr const char* imds_event_source = "imds.imdsd";

/// What is known of the workload on the other end. An absent fact is left out of the record: the
/// reader must see the difference between "unknown" and "none".
struct workload_identity {
    std::optional<std::uint32_t> uid;
    std::optional<std::string> user;
    std::optional<std::string> cgroup;
    std::optional<std::string> unit;
    std::optional<std::string> user_unit;
    std::optional<std::string> interface;
    std::string address;  ///< without the port: that is no identity
};

/// Whom a service account token spoke for; taken from its claims, after its signature was checked.
struct pod_identity {
    std::string cluster;
    std::string kubernetes_namespace;
    std::string service_account;
    std::string pod;  ///< empty: not bound to a pod
    std::string pod_uid;
};

/// Common to every event.
struct event_facts {
    base::wall_time time{};
    std::string event_id;  ///< see new_event_id
    std::string region;
    std::string account;
    std::string request_id;
};

/// A set of credentials reached a workload for the first time.
struct hand_out_facts {
    workload_identity caller;
    std::string profile;
    std::string role_arn;
    std::string imds_version;  ///< "1" or "2"; empty: by another protocol
    std::string listener;
    std::string path;
    std::string user_agent;
    std::string access_key_id;
    base::wall_time expiration{};
    std::optional<pod_identity> pod;
};
record hand_out(event_facts event, hand_out_facts facts);

/// A caller was refused: unbound, unknown, wrong Host, denied by the issuer, …
struct refusal_facts {
    workload_identity caller;
    std::string code = "AccessDenied";
    std::string reason;
    std::optional<std::string> profile;
    std::string listener;
    std::string path;
    std::string user_agent;
    std::uint64_t suppressed = 0;  ///< equal refusals since the last record of them
    std::optional<pod_identity> pod;
};
record refusal(event_facts event, refusal_facts facts);

/// A configuration was read again. A failed reload leaves the old one in force.
struct reload_facts {
    std::string trigger;  ///< "signal", "admin", …
    std::uint64_t generation = 0;
    std::string failure;  ///< empty: in force now
};
record reload(event_facts event, reload_facts facts);

/// An operator changed what instances see (a lifecycle event, metadata options) or the issuer's
/// keys.
struct change_facts {
    /// "AddEvent", "CancelEvent", "CompleteEvent", "ModifyMetadataOptions", "PublishKey",
    /// "ActivateKey", "RotateKey", "RetireKey", "RevokeKey"
    std::string name;
    std::uint32_t uid = 0;           ///< of the operator
    boost::json::object parameters;  ///< what was asked for; keys of users are no secrets
    std::string failure;             ///< empty: in force now
};
record change(event_facts event, change_facts facts);

struct start_facts {
    std::string version;
    std::string configuration;  ///< path
};
record start(event_facts event, start_facts facts);

struct stop_facts {
    std::string reason;
};
record stop(event_facts event, stop_facts facts);

}  // namespace audit_record
