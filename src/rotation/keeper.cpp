#include "rotation/keeper.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "profile/renewal_plan.hpp"

namespace rotation {
namespace {

using namespace std::chrono_literals;

/// Less than this is as good as expired: it would end before a client has used it.
constexpr base::milliseconds shortest_useful_life = 60s;
/// Issue dates may lie in the future by this much: a clock being disciplined moves a little.
constexpr base::milliseconds clock_tolerance = 5s;
/// A source that hands out ever shorter remainders must not be asked in a loop.
constexpr base::milliseconds shortest_renewal_wait = 10s;
/// Of an error text, which is shown to workloads and operators.
constexpr std::size_t longest_failure_text = 1024;

std::string failure_text(const base::error& why) {
    std::string text = why.code.empty() ? why.message : why.code + ": " + why.message;
    if (text.empty()) text = base::to_string(why.kind);
    if (text.size() > longest_failure_text) text.resize(longest_failure_text);
    return text;
}

/// A document is served with all fields or not at all.
base::result<void> check(const aws::credentials& c, base::wall_time wall) {
    if (c.access_key_id.empty() || c.secret_access_key.empty() || c.session_token.empty()) {
        return base::unavailable("the source returned incomplete credentials");
    }
    if (c.expiration <= wall) {
        return base::unavailable("the source returned credentials that have expired");
    }
    if (c.expiration - wall < shortest_useful_life) {
        return base::unavailable("the source returned credentials that expire within a minute");
    }
    return {};
}

}  // namespace

const char* to_string(phase value) {
    switch (value) {
        case phase::waiting:
            return "waiting";
        case phase::fresh:
            return "fresh";
        case phase::renewing:
            return "renewing";
        case phase::stale:
            return "stale";
        case phase::failed:
            return "failed";
    }
    return "failed";
}

keeper::keeper(std::function<double()> jitter)
    : jitter_(std::move(jitter)), current_(std::make_shared<const snapshot>()) {}

void keeper::publish(snapshot next) {
    current_ = std::make_shared<const snapshot>(std::move(next));
}

void keeper::adopt(const snapshot& earlier) {
    snapshot next;
    next.serial = std::max(earlier.serial, current_->serial);
    if (earlier.credentials) {
        next.state = fetching_ ? phase::renewing : phase::fresh;
        next.credentials = earlier.credentials;
        next.last_updated = earlier.last_updated;
        renew_at_ = profile::renew_at(next.last_updated, next.credentials->expiration, jitter_());
        next.next_try = renew_at_;
    }
    retry_at_.reset();
    last_was_denied_ = false;
    publish(std::move(next));
}

void keeper::discard() {
    snapshot next;
    next.serial = current_->serial;
    outdated_ = fetching_;
    retry_at_.reset();
    last_was_denied_ = false;
    publish(std::move(next));
}

void keeper::drop_expired(base::wall_time wall) {
    if (!current_->credentials || wall < current_->credentials->expiration) return;
    snapshot next = *current_;
    next.credentials.reset();
    // Without a failure this is a machine that slept past the expiry: the fetch that starts now is
    // a first one for whoever asks.
    next.state = retrying() ? phase::failed : phase::waiting;
    next.denied = retrying() && last_was_denied_;
    publish(std::move(next));
}

bool keeper::due(base::wall_time wall, base::boot_time boot) const {
    if (retrying() || !current_->credentials) return !retry_at_ || boot >= *retry_at_;
    // An issue date in the future: the wall clock was set back, so the expiry date means nothing
    // any more.
    return wall >= renew_at_ || current_->last_updated > wall + clock_tolerance;
}

bool keeper::poll(base::wall_time wall, base::boot_time boot) {
    drop_expired(wall);
    if (fetching_ || !due(wall, boot)) return false;
    fetching_ = true;
    // A retry does not look better than the failure before it, so stale and failed stay.
    if (current_->credentials && !retrying()) {
        snapshot next = *current_;
        next.state = phase::renewing;
        publish(std::move(next));
    }
    return true;
}

void keeper::fetched(base::result<aws::credentials> outcome, base::wall_time wall,
                     base::boot_time boot) {
    if (!fetching_) return;
    fetching_ = false;
    if (std::exchange(outdated_, false)) return;
    if (outcome.has_error()) {
        fail(outcome.error(), wall, boot);
    } else if (const auto good = check(*outcome, wall); good.has_error()) {
        fail(good.error(), wall, boot);
    } else {
        succeed(std::move(*outcome), wall);
    }
}

void keeper::succeed(aws::credentials&& fresh, base::wall_time wall) {
    snapshot next;
    next.state = phase::fresh;
    next.last_updated = wall;
    next.serial = current_->serial + 1;
    renew_at_ = std::max(profile::renew_at(wall, fresh.expiration, jitter_()),
                         wall + shortest_renewal_wait);
    next.next_try = renew_at_;
    next.credentials = std::make_shared<const aws::credentials>(std::move(fresh));
    retry_at_.reset();
    last_was_denied_ = false;
    publish(std::move(next));
}

void keeper::fail(const base::error& why, base::wall_time wall, base::boot_time boot) {
    drop_expired(wall);
    snapshot next = *current_;
    if (next.failures != std::numeric_limits<unsigned>::max()) ++next.failures;
    last_was_denied_ = why.kind == base::error_kind::denied;
    next.failure = failure_text(why);
    next.state = next.credentials ? phase::stale : phase::failed;
    next.denied = !next.credentials && last_was_denied_;
    const base::milliseconds wait = profile::back_off(next.failures, jitter_());
    retry_at_ = boot + wait;
    next.next_try = wall + wait;
    publish(std::move(next));
}

std::optional<base::wall_time> keeper::next_wall() const {
    if (!current_->credentials) return std::nullopt;
    if (fetching_ || retrying()) return current_->credentials->expiration;
    return std::min(renew_at_, current_->credentials->expiration);
}

std::optional<base::boot_time> keeper::next_boot() const {
    if (fetching_) return std::nullopt;
    if (retrying()) return retry_at_;
    if (!current_->credentials) return base::boot_time{};  // never tried: due already
    return std::nullopt;
}

}  // namespace rotation
