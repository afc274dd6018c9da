// What the instance does about the issuer's estate: follows it, and ends sessions in it.
#include <algorithm>

#include "daemon/instance.hpp"
#include "daemon/log.hpp"
#include "daemon/revocations.hpp"

namespace daemon_ {

namespace {

namespace json = boost::json;

/// What happened to roles between two states of the same profiles; true: something did.
bool tell_changed_roles(const handler::serving& before, const handler::serving& after) {
    bool any = false;
    for (std::size_t i = 0; i < after.profiles.size(); ++i) {
        const profile::role_profile& was = before.profiles[i]->profile();
        const profile::role_profile& is = after.profiles[i]->profile();
        if (was.granted_role == is.granted_role && was.instance_profile == is.instance_profile)
            continue;
        any = true;
        log::info("the instance profile has changed",
                  {{"profile", is.name},
                   {"instance_profile", is.instance_profile ? is.instance_profile->arn : ""},
                   {"role", is.granted_role ? is.granted_role->arn : ""},
                   {"problem", is.instance_profile ? is.instance_profile->problem : ""}});
    }
    return any;
}

}  // namespace

void instance::follow_live_changes() {
    if (stopping_ || !serving_) return;
    auto next = follow_changes(*serving_, configuration_, *changes_, *directory_, host_facts_,
                               clock_.now());
    if (next && tell_changed_roles(*serving_, *next)) {
        install(std::move(next));
    } else if (next) {
        serving_ = std::move(next);
        for (auto& worker : workers_)
            worker->install(serving_, states_);
    }
    if (recheck_sessions_ && *recheck_sessions_ <= clock_.now()) renew_dead_sessions();
    if (!live_timers_) return;
    auto wake = changes_->next_change();
    if (recheck_sessions_ && (!wake || *recheck_sessions_ < *wake)) wake = recheck_sessions_;
    live_timers_->arm(wake, std::nullopt);
}

void instance::follow_directory(std::shared_ptr<const iam::directory> next) {
    if (next == directory_) return;
    directory_ = std::move(next);
    if (stopping_ || !serving_) return;
    renew_dead_sessions();
    follow_live_changes();
}

/// Whether the issuer refuses by now what this entry hands out.
held_session::verdict instance::judge(std::size_t entry) {
    const auto [index, subject] = owners_[entry];
    const bool own = subject == source::credential_subject::instance;
    const auto& snapshot = (own ? instance_snapshots_ : snapshots_)[index];
    held_.resize(owners_.size());
    std::optional<held_session>& held = held_[entry];
    if (!snapshot || !snapshot->credentials) {
        held.reset();
        return {};
    }
    const base::wall_time now = clock_.now();
    if (!held || held->access_key_id() != snapshot->credentials->access_key_id) {
        held =
            held_session::of(*snapshot->credentials, configuration_.issuer.partition, *keys_, now);
    }
    if (!held) return {};
    const held_session::verdict verdict = held->judge(*directory_, now);
    if (verdict.until)
        recheck_sessions_ = std::max(recheck_sessions_.value_or(*verdict.until), *verdict.until);
    return verdict;
}

void instance::renew(std::size_t entry) {
    const auto [index, subject] = owners_[entry];
    const bool own = subject == source::credential_subject::instance;
    log::info("the issuer has ended the session; another one is asked for",
              {{"profile", serving_->profiles[index]->profile().name},
               {"of", own ? "instance" : "role"}});
    rotator_->renew(entry);
}

/// Credentials that the issuer refuses by now are replaced at once, not when they would expire.
void instance::renew_dead_sessions() {
    recheck_sessions_.reset();
    for (std::size_t entry = 0; entry < owners_.size(); ++entry)
        if (judge(entry).dead) renew(entry);
}

/// Credentials were under way while their session was ended.
void instance::check_arrived(std::size_t entry) {
    if (stopping_ || entry >= owners_.size()) return;
    const held_session::verdict verdict = judge(entry);
    // Others would be as dead until then; see recheck_sessions_.
    if (verdict.until) return follow_live_changes();
    if (verdict.dead) renew(entry);
}

base::result<json::object> instance::revocations() {
    return list_revocations(*directory_, clock_.now());
}

base::result<json::object> instance::revoke(const admin::peer& who,
                                            const admin::revoke_request& request) {
    auto done = daemon_::revoke(estate_->replica(), request, clock_.now());
    json::object parameters{{"of", admin::to_string(request.what)}, {"subject", request.subject}};
    if (done && done->contains("revocation")) parameters["revocation"] = done->at("revocation");
    if (!request.reason.empty()) parameters["reason"] = request.reason;
    record_change(who, "RevokeSessions", std::move(parameters),
                  done ? base::result<void>() : base::result<void>(done.error()));
    if (done) follow_directory(estate_->replica().current());
    return done;
}

}  // namespace daemon_
