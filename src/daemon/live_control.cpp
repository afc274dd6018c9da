#include <algorithm>

#include <boost/json/array.hpp>

#include "audit_record/imds_events.hpp"
#include "base/time_text.hpp"
#include "daemon/instance.hpp"
#include "daemon/log.hpp"
#include "profile/tag_keys.hpp"

namespace daemon_ {

namespace {

namespace json = boost::json;

constexpr const char* api_version = "imdsd/v1";

json::object describe(const profile::lifecycle_event& event, base::wall_time now) {
    json::object about = profile::to_json(event);
    const auto* maintenance = std::get_if<profile::maintenance_event>(&event.what);
    const auto* target = std::get_if<profile::autoscaling_target>(&event.what);
    // "state" is the event's own; the wire's words for it stand beside.
    if (maintenance) about["maintenance_state"] = to_string(maintenance->state);
    if (target) about["target"] = to_string(*target);
    about["state"] = event.visible > now ? "scheduled" : "visible";
    return about;
}

json::object in_words(const profile::metadata_options& options) {
    profile::metadata_override all;
    all.http_endpoint_enabled = options.http_endpoint_enabled;
    all.http_tokens_required = options.http_tokens_required;
    all.hop_limit = options.hop_limit;
    all.http_protocol_ipv6_enabled = options.http_protocol_ipv6_enabled;
    all.instance_metadata_tags = options.instance_metadata_tags;
    return profile::to_json(all);
}

std::string near_miss(const std::string& name, const config::configuration& configuration) {
    if (configuration.profiles.empty()) return "the configuration has no profiles";
    std::string known;
    for (const profile::role_profile& p : configuration.profiles) {
        if (known.size() > 200) return known + ", ...";
        known += (known.empty() ? "" : ", ") + p.name;
    }
    return "there is no profile '" + name + "'; there are " + known;
}

}  // namespace

base::result<std::vector<std::string>> instance::profiles_named(const std::string& name) const {
    std::vector<std::string> names;
    for (const profile::role_profile& p : configuration_.profiles)
        if (name.empty() || p.name == name) names.push_back(p.name);
    if (names.empty()) return base::not_found(near_miss(name, configuration_));
    return names;
}

/// What the configuration's own check cannot see: tags that are shown because of an option set at
/// run time.
std::vector<std::string> instance::unfit_tags(const config::configuration& configuration) const {
    std::vector<std::string> errors;
    for (const profile::role_profile& p : configuration.profiles) {
        if (!changes_->options_of(p).instance_metadata_tags) continue;
        if (const auto key = profile::unshown_tag_key(p.instance)) {
            errors.push_back("profile '" + p.name +
                             "': instance metadata cannot show the tag key '" + *key +
                             "', and instance-metadata-tags is enabled at run time (imdsd "
                             "options)");
        }
    }
    return errors;
}

void instance::record_change(const admin::peer& who, std::string name, json::object parameters,
                             const base::result<void>& outcome) {
    audit_record::change_facts facts;
    facts.name = std::move(name);
    facts.uid = who.uid;
    facts.parameters = std::move(parameters);
    if (!outcome) facts.failure = outcome.error().message;
    log::info(
        outcome ? "changed at run time" : "change refused",
        {{"operation", facts.name}, {"uid", std::to_string(who.uid)}, {"error", facts.failure}});
    const audit::ticket kept = journal_->record(audit_record::change(
        {clock_.now(), audit_record::new_event_id(random_), configuration_.issuer.default_region,
         "", audit_record::new_event_id(random_)},
        std::move(facts)));
    // The operator is told when it is on record. It has happened anyhow.
    if (kept != 0) static_cast<void>(journal_->wait(kept));
}

json::object instance::events() {
    json::array list;
    for (const profile::lifecycle_event& event : changes_->state().events)
        list.push_back(describe(event, clock_.now()));
    return {{"apiVersion", api_version}, {"events", std::move(list)}};
}

base::result<json::object> instance::add_event(const admin::peer& who,
                                               const admin::event_request& request) {
    const auto add = [&]() -> base::result<profile::lifecycle_event> {
        if (const auto known = profiles_named(request.profile); !known) return known.error();
        auto event = admin::to_event(request, clock_.now());
        if (!event) return event.error();
        return changes_->add(std::move(*event));
    };
    const auto added = add();
    json::object parameters{{"kind", request.kind}};
    if (!request.profile.empty()) parameters["profile"] = request.profile;
    if (added) parameters = profile::to_json(*added);
    record_change(who, "AddEvent", std::move(parameters),
                  added ? base::result<void>() : base::result<void>(added.error()));
    if (!added) return added.error();
    follow_live_changes();
    return json::object{{"apiVersion", api_version}, {"event", describe(*added, clock_.now())}};
}

base::result<json::object> instance::end_event(const admin::peer& who, const std::string& id,
                                               bool completed) {
    const auto& events = changes_->state().events;
    const auto found =
        std::find_if(events.begin(), events.end(), [&](const auto& e) { return e.id == id; });
    std::optional<profile::lifecycle_event> before;
    if (found != events.end()) before = *found;
    const auto done = completed ? changes_->complete(id) : changes_->cancel(id);
    record_change(who, completed ? "CompleteEvent" : "CancelEvent", {{"id", id}}, done);
    if (!done) return done.error();
    follow_live_changes();
    // What became of it; an event that is gone altogether is shown as it was.
    for (const profile::lifecycle_event& event : changes_->state().events)
        if (event.id == id) before = event;
    return json::object{{"apiVersion", api_version}, {"event", describe(*before, clock_.now())}};
}

base::result<json::object> instance::cancel_event(const admin::peer& who, const std::string& id) {
    return end_event(who, id, false);
}

base::result<json::object> instance::complete_event(const admin::peer& who, const std::string& id) {
    return end_event(who, id, true);
}

base::result<json::object> instance::options(const std::string& name) {
    const auto names = profiles_named(name);
    if (!names) return names.error();
    json::array list;
    for (const profile::role_profile& p : configuration_.profiles) {
        if (!name.empty() && p.name != name) continue;
        const auto changed = changes_->state().options.find(p.name);
        const bool any = changed != changes_->state().options.end();
        list.push_back(
            json::object{{"name", p.name},
                         {"options", in_words(changes_->options_of(p))},
                         {"changed", any ? profile::to_json(changed->second) : json::object()}});
    }
    return json::object{{"apiVersion", api_version}, {"profiles", std::move(list)}};
}

base::result<json::object> instance::change_options(const admin::peer& who,
                                                    const admin::options_request& request) {
    const auto change = [&]() -> base::result<void> {
        const auto names = profiles_named(request.profile);
        if (!names) return names.error();
        if (request.reset) return changes_->reset_options(request.profile);
        if (request.change.instance_metadata_tags.value_or(false)) {
            for (const profile::role_profile& p : configuration_.profiles) {
                if (!request.profile.empty() && p.name != request.profile) continue;
                if (const auto key = profile::unshown_tag_key(p.instance)) {
                    return base::invalid("profile '" + p.name + "' has the tag key '" + *key +
                                         "', which instance metadata cannot show");
                }
            }
        }
        return changes_->change_options(*names, request.change);
    };
    const auto done = change();
    json::object parameters = profile::to_json(request.change);
    if (!request.profile.empty()) parameters["profile"] = request.profile;
    if (request.reset) parameters["reset"] = true;
    record_change(who, "ModifyMetadataOptions", std::move(parameters), done);
    if (!done) return done.error();
    follow_live_changes();
    return options(request.profile);
}

}  // namespace daemon_
