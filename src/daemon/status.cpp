#include <algorithm>
#include <unistd.h>

#include "base/time_text.hpp"
#include "daemon/explain.hpp"
#include "daemon/identity_certificates.hpp"
#include "daemon/instance.hpp"

namespace daemon_ {

namespace {

namespace json = boost::json;

constexpr const char* api_version = "imdsd/v1";

long seconds_until(base::wall_time then, base::wall_time now) {
    return std::chrono::floor<base::seconds>(then - now).count();
}

json::object describe_profile(const profile::role_profile& profile,
                              const rotation::snapshot* snapshot, base::wall_time now) {
    json::object about{{"name", profile.name}};
    if (const auto& attached = profile.instance_profile) {
        if (!attached->arn.empty()) about["instance_profile_arn"] = attached->arn;
        if (!attached->problem.empty()) about["failure"] = attached->problem;
    }
    if (!profile.granted_role) {
        about["state"] = "metadata-only";
        return about;
    }
    about["role_arn"] = profile.granted_role->arn;
    if (!snapshot) return about;
    about["state"] = rotation::to_string(snapshot->state);
    if (snapshot->credentials) {
        about["expires_at"] = base::iso8601(snapshot->credentials->expiration);
        about["expires_in_seconds"] = seconds_until(snapshot->credentials->expiration, now);
        const std::string& id = snapshot->credentials->access_key_id;
        about["access_key_suffix"] = id.size() > 4 ? id.substr(id.size() - 4) : "";
    }
    if (snapshot->next_try != base::wall_time{}) {
        about["next_try"] = base::iso8601(snapshot->next_try);
    }
    about["failure"] = snapshot->failure;
    about["failures"] = snapshot->failures;
    return about;
}

/// What is not as the configuration alone would have it, or goes wrong on purpose.
void add_live_state(const profile::role_profile& profile, const profile::live_state& live,
                    json::object& about) {
    const auto changed = live.options.find(profile.name);
    if (changed != live.options.end()) about["options_changed"] = profile::to_json(changed->second);
    std::size_t events = 0;
    for (const profile::lifecycle_event& event : live.events)
        if (event.profile.empty() || event.profile == profile.name) ++events;
    if (events != 0) about["events"] = events;
    json::array faults;
    for (const profile::fault& fault : profile.faults)
        faults.emplace_back(describe(fault));
    if (profile.request_throttle) faults.emplace_back(describe(*profile.request_throttle));
    if (!faults.empty()) about["faults"] = std::move(faults);
}

}  // namespace

bool instance::ready() {
    if (stopping_ || !serving_) return false;
    bool any_role = false;
    for (std::size_t i = 0; i < serving_->profiles.size(); ++i) {
        if (!serving_->profiles[i]->profile().granted_role) continue;
        any_role = true;
        if (snapshots_[i] && snapshots_[i]->credentials) return true;
    }
    return !any_role;
}

json::object instance::status() {
    const base::wall_time now = clock_.now();
    json::object configuration{{"file", config_path_},
                               {"generation", generation_},
                               {"loaded_at", base::iso8601(loaded_at_)}};
    if (last_reload_) {
        json::array errors;
        for (const std::string& e : last_reload_->errors)
            errors.emplace_back(e);
        configuration["last_reload"] = json::object{{"ok", last_reload_->ok},
                                                    {"at", base::iso8601(last_reload_->at)},
                                                    {"errors", std::move(errors)}};
    } else {
        configuration["last_reload"] = nullptr;
    }
    json::array listeners;
    for (const open_listener& listener : listeners_) {
        listeners.push_back(json::object{{"name", listener.configured.name},
                                         {"kind", config::to_string(listener.configured.serves)},
                                         {"address", listener.address}});
    }
    json::array profiles;
    for (std::size_t i = 0; i < serving_->profiles.size(); ++i) {
        json::object about =
            describe_profile(serving_->profiles[i]->profile(), snapshots_[i].get(), now);
        if (const auto& own = instance_snapshots_[i])
            about["instance_credentials"] = rotation::to_string(own->state);
        add_live_state(serving_->profiles[i]->profile(), changes_->state(), about);
        profiles.push_back(std::move(about));
    }
    std::uint64_t requests = 0;
    std::uint64_t tokens = 0;
    std::uint64_t v1 = 0;
    std::array<std::uint64_t, handler::refusal_reasons> refused{};
    for (const auto& worker : workers_) {
        const handler::counters& count = worker->count();
        requests += count.requests;
        tokens += count.tokens_issued;
        v1 += count.v1_requests;
        for (std::size_t i = 0; i < refused.size(); ++i)
            refused[i] += count.refused[i];
    }
    json::object denied;
    for (std::size_t i = 0; i < refused.size(); ++i) {
        if (refused[i] != 0) denied[to_string(handler::refusal_reason(i))] = refused[i];
    }
    const audit::journal::counters journal = journal_->status();
    json::object audit{{"healthy", journal.healthy},
                       {"written", journal.written},
                       {"dropped", journal.dropped},
                       {"write_errors", journal.write_errors}};
    if (!journal.healthy) audit["failure"] = journal.failure;
    if (!journal.trouble.empty()) audit["trouble"] = journal.trouble;
    store::replica& replica = estate_->replica();
    const store::replica_health health = replica.health();
    json::object issuer{{"account", replica.issuer().account},
                        {"store", replica.describe()},
                        {"version", replica.view().version},
                        {"reachable", health.reachable},
                        {"age_seconds", std::chrono::floor<base::seconds>(replica.age()).count()},
                        {"sessions", replica.is_current() ? "checked" : "stale"}};
    if (!health.reachable) issuer["failure"] = health.failure;
    json::array clusters;
    for (std::size_t i = 0; serving_->pods && i < serving_->pods->keys.size(); ++i) {
        const net::key_keeper::state keys = serving_->pods->keys[i]->current();
        clusters.push_back(json::object{{"name", serving_->pods->table.clusters()[i].name},
                                        {"keys", keys.keys ? keys.keys->keys.size() : 0},
                                        {"failure", keys.failure}});
    }
    json::object all{
        {"apiVersion", api_version},
        {"version", IMDSD_VERSION},
        {"pid", ::getpid()},
        {"uptime_seconds", std::chrono::floor<base::seconds>(clock_.boot_now() - started_).count()},
        {"ready", ready()},
        {"configuration", std::move(configuration)},
        {"listeners", std::move(listeners)},
        {"profiles", std::move(profiles)},
        {"bindings", serving_->rules.rules().size()},
        {"workers", workers_.size()},
        {"counters", json::object{{"requests", requests},
                                  {"tokens_issued", tokens},
                                  {"imdsv1_requests", v1},
                                  {"denied", std::move(denied)}}},
        {"issuer", std::move(issuer)},
        {"audit", std::move(audit)}};
    if (!clusters.empty()) all["clusters"] = std::move(clusters);
    return all;
}

base::result<json::object> instance::identity() {
    const auto keys = signer_->keys();
    if (!keys)
        return base::unavailable("the keys of the instance identity are being made; try again");
    return describe_certificates(*keys);
}

json::object instance::describe_decision(const binding::caller& who) {
    const binding::decision decision = serving_->rules.decide(who);
    json::array steps;
    for (const std::string& step : serving_->rules.explain(who))
        steps.emplace_back(step);
    json::object answer{{"apiVersion", api_version},
                        {"caller", binding::describe(who)},
                        {"allowed", decision.profile_index.has_value()}};
    if (decision.profile_index) {
        const std::size_t index = *decision.profile_index;
        const base::wall_time now = clock_.now();
        json::object about =
            describe_profile(serving_->profiles[index]->profile(), snapshots_[index].get(), now);
        answer["profile"] = about["name"];
        for (const char* key : {"role_arn", "instance_profile_arn", "state", "expires_at",
                                "expires_in_seconds", "failure"}) {
            if (about.contains(key)) answer[key] = about[key];
        }
        answer["rule"] = serving_->rules.rules()[*decision.rule].where;
        answer["reason"] =
            "the binding at " + serving_->rules.rules()[*decision.rule].where + " matches";
        const auto& attached = serving_->profiles[index]->profile().instance_profile;
        if (attached && !attached->problem.empty()) answer["hint"] = attached->problem;
    } else {
        answer["reason"] = "no binding matches " + binding::describe(who);
        if (who.uid) {
            answer["hint"] = "to allow it, add to 'bindings': {user: " + std::to_string(*who.uid) +
                             ", profile: NAME}";
        } else if (who.address) {
            answer["hint"] =
                "to allow it, add to 'bindings': {source_network: " + who.address->text() +
                ", profile: NAME}";
        } else {
            answer["hint"] = "to allow it, add a rule to 'bindings' that one of its facts matches";
        }
    }
    answer["steps"] = std::move(steps);
    return answer;
}

json::object instance::whoami(const admin::peer& peer) {
    const auto who = caller_of(peer);
    if (!who) {
        return {{"apiVersion", api_version}, {"allowed", false}, {"reason", who.error().message}};
    }
    return describe_decision(*who);
}

/// `rule_of`: asked for each listener.
json::object instance::describe_environment(const rule_of_listener& rule_of) {
    std::optional<std::size_t> first;
    const auto variables =
        daemon_::environment_of(*serving_, listeners_, [&](const std::string& listener) {
            const auto rule = rule_of(listener);
            if (rule && !first) first = rule;
            return rule;
        });
    json::object answer{{"apiVersion", api_version}, {"allowed", first.has_value()}};
    if (!first) return answer;
    const binding::rule& rule = serving_->rules.rules()[*first];
    answer["profile"] = rule.profile;
    answer["rule"] = rule.where;
    json::object told;
    for (const auto& [name, value] : variables)
        told[name] = value;
    answer["variables"] = std::move(told);
    return answer;
}

json::object instance::environment(const admin::peer& peer) {
    auto who = caller_of(peer);
    if (!who) {
        return {{"apiVersion", api_version}, {"allowed", false}, {"reason", who.error().message}};
    }
    json::object answer = describe_environment([&](const std::string& listener) {
        who->listener = listener;
        return serving_->rules.decide(*who).rule;
    });
    if (!answer.contains("variables")) {
        who->listener.clear();
        answer["reason"] = "no binding matches " + binding::describe(*who);
    }
    return answer;
}

json::object instance::environment_of(const admin::environment_query& query) {
    const auto refuse = [](std::string why) {
        return json::object{
            {"apiVersion", api_version}, {"allowed", false}, {"reason", std::move(why)}};
    };
    const auto& rules = serving_->rules.rules();
    std::vector<std::size_t> meant;
    std::string places;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        // "imdsd.yaml:12" names "/etc/imdsd/imdsd.yaml:12", too.
        const bool same = query.profile ? rules[i].profile == *query.profile
                                        : rules[i].where == *query.binding ||
                                              rules[i].where.ends_with("/" + *query.binding);
        if (!same) continue;
        meant.push_back(i);
        places += (places.empty() ? "" : ", ") + rules[i].where;
    }
    if (meant.empty()) {
        return refuse(query.profile ? "no binding uses the profile '" + *query.profile + "'"
                                    : "there is no binding at " + *query.binding);
    }
    if (meant.size() > 1) {
        return refuse("more than one binding is meant; name one with --binding: " + places);
    }
    const binding::rule& rule = rules[meant.front()];
    json::object answer =
        describe_environment([&](const std::string& listener) -> std::optional<std::size_t> {
            const bool applies =
                rule.listeners.empty() || std::find(rule.listeners.begin(), rule.listeners.end(),
                                                    listener) != rule.listeners.end();
            if (!applies) return std::nullopt;
            return meant.front();
        });
    if (!answer.contains("variables")) {
        answer["reason"] = "the binding at " + rule.where + " is for no listener of this daemon";
    }
    return answer;
}

json::object instance::explain(const admin::explain_query& query) {
    if (query.listener && serving_->listeners.count(*query.listener) == 0) {
        return {{"apiVersion", api_version},
                {"allowed", false},
                {"reason", "no listener with bindings has the name '" + *query.listener + "'"}};
    }
    const auto who = caller_of(query);
    if (!who) {
        return {{"apiVersion", api_version}, {"allowed", false}, {"reason", who.error().message}};
    }
    return describe_decision(*who);
}

}  // namespace daemon_
