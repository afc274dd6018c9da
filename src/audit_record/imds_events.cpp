#include "audit_record/imds_events.hpp"

#include <string_view>
#include <utility>

#include "base/time_text.hpp"

namespace audit_record {
namespace {

void put(boost::json::object& into, std::string_view name,
         const std::optional<std::string>& value) {
    if (value) into[name] = *value;
}

void put(boost::json::object& into, std::string_view name, const std::string& value) {
    if (!value.empty()) into[name] = value;
}

boost::json::object identity_of(const workload_identity& caller) {
    boost::json::object identity;
    identity["type"] = "Workload";
    if (caller.uid) identity["uid"] = *caller.uid;
    put(identity, "user", caller.user);
    put(identity, "cgroup", caller.cgroup);
    put(identity, "unit", caller.unit);
    put(identity, "userUnit", caller.user_unit);
    put(identity, "interface", caller.interface);
    put(identity, "address", caller.address);
    return identity;
}

void put_pod(boost::json::object& into, const std::optional<pod_identity>& pod) {
    if (!pod) return;
    boost::json::object kubernetes;
    put(kubernetes, "cluster", pod->cluster);
    put(kubernetes, "namespace", pod->kubernetes_namespace);
    put(kubernetes, "serviceAccount", pod->service_account);
    put(kubernetes, "pod", pod->pod);
    put(kubernetes, "podUid", pod->pod_uid);
    into["kubernetes"] = std::move(kubernetes);
}

record basic(event_facts&& event, const char* name) {
    record r;
    r.time = event.time;
    r.event_source = imds_event_source;
    r.event_name = name;
    r.region = std::move(event.region);
    r.request_id = std::move(event.request_id);
    r.event_id = std::move(event.event_id);
    r.account = std::move(event.account);
    return r;
}

/// Something the service did of its own, not a request of a workload.
record service_event(event_facts&& event, const char* name) {
    record r = basic(std::move(event), name);
    r.event_type = "AwsServiceEvent";
    r.read_only = false;
    r.user_identity["type"] = "AWSService";
    r.user_identity["invokedBy"] = imds_event_source;
    return r;
}

}  // namespace

record hand_out(event_facts event, hand_out_facts facts) {
    record r = basic(std::move(event), "GetRoleCredentials");
    r.source_address = facts.caller.address;
    r.user_agent = std::move(facts.user_agent);
    r.user_identity = identity_of(facts.caller);
    r.request_parameters["profile"] = facts.profile;
    r.request_parameters["role"] = facts.role_arn;
    put(r.request_parameters, "imdsVersion", facts.imds_version);
    r.request_parameters["listener"] = facts.listener;
    put(r.request_parameters, "path", facts.path);
    put_pod(r.request_parameters, facts.pod);
    r.response_elements["accessKeyId"] = facts.access_key_id;
    r.response_elements["expiration"] = base::iso8601(facts.expiration);
    if (!facts.role_arn.empty()) {
        boost::json::object role;
        put(role, "accountId", r.account);
        role["type"] = "AWS::IAM::Role";
        role["ARN"] = facts.role_arn;
        r.resources.emplace_back(std::move(role));
    }
    return r;
}

record refusal(event_facts event, refusal_facts facts) {
    record r = basic(std::move(event), "RefuseCaller");
    r.source_address = facts.caller.address;
    r.user_agent = std::move(facts.user_agent);
    r.user_identity = identity_of(facts.caller);
    put(r.request_parameters, "profile", facts.profile);
    put(r.request_parameters, "listener", facts.listener);
    put(r.request_parameters, "path", facts.path);
    put_pod(r.request_parameters, facts.pod);
    r.error_code = std::move(facts.code);
    r.error_message = std::move(facts.reason);
    if (facts.suppressed != 0) r.additional["suppressedRepeats"] = facts.suppressed;
    return r;
}

record reload(event_facts event, reload_facts facts) {
    record r = service_event(std::move(event), "Reload");
    put(r.request_parameters, "trigger", facts.trigger);
    if (facts.failure.empty()) {
        r.response_elements["generation"] = facts.generation;
    } else {
        r.error_code = "InvalidConfiguration";
        r.error_message = std::move(facts.failure);
    }
    return r;
}

record change(event_facts event, change_facts facts) {
    record r = basic(std::move(event), facts.name.c_str());
    workload_identity operator_;
    operator_.uid = facts.uid;
    r.user_identity = identity_of(operator_);
    r.request_parameters = std::move(facts.parameters);
    r.read_only = false;
    if (!facts.failure.empty()) {
        r.error_code = "InvalidRequest";
        r.error_message = std::move(facts.failure);
    }
    return r;
}

record start(event_facts event, start_facts facts) {
    record r = service_event(std::move(event), "Start");
    put(r.request_parameters, "version", facts.version);
    put(r.request_parameters, "configuration", facts.configuration);
    return r;
}

record stop(event_facts event, stop_facts facts) {
    record r = service_event(std::move(event), "Stop");
    put(r.request_parameters, "reason", facts.reason);
    return r;
}

}  // namespace audit_record
