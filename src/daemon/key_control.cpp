#include <unistd.h>

#include <boost/json/array.hpp>

#include "base/time_text.hpp"
#include "daemon/instance.hpp"
#include "daemon/log.hpp"
#include "sts/session/key_schedule.hpp"

namespace daemon_ {

namespace {

namespace json = boost::json;
using action = admin::key_request::action;

constexpr base::seconds retry_after{60};

json::object describe(const sts::key_ring::key_status& key) {
    json::object about{{"id", key.id},
                       {"purpose", sts::to_string(key.what)},
                       {"phase", sts::to_string(key.phase)},
                       {"created", base::iso8601(key.created)}};
    if (key.activated) about["activated"] = base::iso8601(*key.activated);
    if (key.left_active) about["left_active"] = base::iso8601(*key.left_active);
    if (key.ended) about["ended"] = base::iso8601(*key.ended);
    return about;
}

json::object describe(const sts::key_ring& ring) {
    json::array list;
    for (const auto& key : ring.status())
        list.push_back(describe(key));
    return {{"apiVersion", "imdsd/v1"}, {"keys", std::move(list)}};
}

base::result<sts::key_ring::purpose> purpose_of(const admin::key_request& request) {
    if (request.purpose.empty()) return sts::key_ring::purpose::session_token;
    if (const auto known = sts::parse_key_purpose(request.purpose)) return *known;
    std::string names;
    for (const auto what : sts::key_ring::purposes)
        names += (names.empty() ? "" : ", ") + std::string(sts::to_string(what));
    return base::invalid("purpose must be one of " + names + ", not '" + request.purpose + "'");
}

/// Carries it out on a ring and returns the key that it was about.
base::result<std::uint16_t> apply(const admin::key_request& request, sts::key_ring& ring,
                                  const sts::key_change& change, base::random& random) {
    const auto set = [&](sts::key_phase phase) -> base::result<std::uint16_t> {
        if (auto done = ring.set_phase(request.key, phase, change); !done) return done.error();
        return request.key;
    };
    switch (request.what) {
        case action::publish:
        case action::rotate: {
            const auto what = purpose_of(request);
            if (!what) return what.error();
            return request.what == action::publish ? ring.add(*what, random, change.now)
                                                   : ring.rotate(*what, random, change);
        }
        case action::activate:
            return set(sts::key_phase::active);
        case action::retire:
            return set(sts::key_phase::retired);
        case action::revoke:
            return set(sts::key_phase::revoked);
    }
    return base::internal("an unknown change of the key ring");
}

/// "RotateKey": as in the audit log.
std::string event_name(std::string_view verb) {
    std::string name = std::string(verb) + "Key";
    name.front() = char(name.front() - 'a' + 'A');
    return name;
}

std::string_view to_string(sts::key_step::kind what) {
    switch (what) {
        case sts::key_step::kind::publish:
            return "publish";
        case sts::key_step::kind::activate:
            return "activate";
        case sts::key_step::kind::retire:
            return "retire";
    }
    return "unknown";
}

/// Whether a key that opened session tokens opens none any more.
bool ends_something(const sts::key_ring& before, const sts::key_ring& after) {
    const auto what = sts::key_ring::purpose::session_token;
    for (const auto& key : before.status()) {
        if (key.what == what && before.opening_key(what, key.id) &&
            !after.opening_key(what, key.id))
            return true;
    }
    return false;
}

}  // namespace

void instance::follow_estate(const store::replica_view& view) {
    if (stopping_) return;
    if (view.keys != keys_) {
        const bool ended = ends_something(*keys_, *view.keys);
        use_keys(view.keys, ended);
        follow_keys();
    }
    follow_directory(view.directory);
}

/// The issuer has them from the estate, which knows what is newest.
void instance::use_keys(std::shared_ptr<const sts::key_ring> keys, bool ended) {
    keys_ = std::move(keys);
    if (!ended) return;
    ++keys_ended_;
    install(serving_);
}

base::result<json::object> instance::keys() {
    return describe(*keys_);
}

base::result<json::object> instance::change_keys(const admin::peer& who,
                                                 const admin::key_request& request) {
    sts::key_change change;
    change.now = clock_.now();
    change.publish_time = estate_->publish_time();
    change.forced = request.force;
    const bool ends = request.what == action::retire || request.what == action::revoke;
    const auto meant = keys_->status(request.key);
    if (ends && meant && meant->what == sts::key_ring::purpose::stored_secret)
        change.resealed = estate_->seals_nothing(request.key);
    std::uint16_t key = request.key;
    const auto kept = estate_->change([&](sts::key_ring& ring) -> base::result<void> {
        const auto done = apply(request, ring, change, random_);
        if (!done) return done.error();
        key = *done;
        return {};
    });
    json::object parameters;
    if (const auto status = kept ? (*kept)->status(key) : keys_->status(key)) {
        parameters = describe(*status);
    } else {
        if (key != 0) parameters["id"] = key;
        if (!request.purpose.empty()) parameters["purpose"] = request.purpose;
    }
    if (request.force) parameters["force"] = true;
    record_change(who, event_name(admin::to_string(request.what)), std::move(parameters),
                  kept ? base::result<void>() : base::result<void>(kept.error()));
    if (!kept) return kept.error();
    const bool ended =
        request.what == action::revoke || (request.what == action::retire && request.force);
    use_keys(*kept, ended);
    const bool of_secrets =
        (*kept)->status(key) && (*kept)->status(key)->what == sts::key_ring::purpose::stored_secret;
    if (of_secrets && (request.what == action::rotate || request.what == action::activate)) {
        // The key before can be retired as soon as nothing is under it.
        if (const auto sealed = estate_->reseal(); !sealed) return sealed.error();
    }
    follow_keys();
    json::object answer = describe(*keys_);
    answer["changed"] = key;
    return answer;
}

void instance::follow_keys() {
    if (stopping_ || !key_timers_) return;
    const sts::key_policy policy{configuration_.key_ring.rotate_every, estate_->publish_time()};
    // Steps that were missed are taken one after the other; each makes the next one later.
    for (std::size_t taken = 0; taken < sts::key_ring::max_keys; ++taken) {
        const base::wall_time now = clock_.now();
        const auto next = sts::next_step(*keys_, now, policy);
        if (!next || next->at > now) {
            key_timers_->arm(next ? std::optional(next->at) : std::nullopt, std::nullopt);
            return;
        }
        sts::key_step step = *next;
        bool mine = true;
        const auto kept = estate_->change([&](sts::key_ring& ring) -> base::result<void> {
            // Another replica may have taken it.
            const auto due = sts::next_step(ring, now, policy);
            mine = due && due->at <= now;
            if (!mine) return {};
            step = *due;
            return sts::take_step(ring, step, random_, now, policy);
        });
        if (mine || !kept) {
            json::object parameters{{"purpose", sts::to_string(step.purpose)},
                                    {"trigger", "schedule"}};
            if (step.key != 0) parameters["id"] = step.key;
            admin::peer self;
            self.uid = ::geteuid();
            record_change(self, event_name(to_string(step.what)), std::move(parameters),
                          kept ? base::result<void>() : base::result<void>(kept.error()));
        }
        if (!kept) break;
        use_keys(*kept, false);
    }
    key_timers_->arm(std::nullopt, clock_.boot_now() + retry_after);
}

}  // namespace daemon_
