#include "rotation/rotator.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <exception>
#include <set>
#include <unordered_map>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "rotation/wake_timers.hpp"

namespace rotation {
namespace {

/// One profile under care. A fetch refers to it weakly: the result of a fetch for a profile that is
/// gone has nowhere to go.
struct entry {
    entry(assignment&& a, std::function<double()> jitter)
        : what(std::move(a)), state(std::move(jitter)) {}

    assignment what;
    keeper state;
    std::size_t index = 0;
    std::optional<base::wall_time> wall;  ///< as filed in `deadlines`
    std::optional<base::boot_time> boot;
};

/// Finds what is due without looking at everything.
class deadlines {
public:
    void file(entry& e) {
        unfile(e);
        e.wall = e.state.next_wall();
        e.boot = e.state.next_boot();
        if (e.wall) wall_.emplace(*e.wall, &e);
        if (e.boot) boot_.emplace(*e.boot, &e);
    }
    void clear() {
        wall_.clear();
        boot_.clear();
    }
    std::vector<entry*> due(base::wall_time wall, base::boot_time boot) const {
        std::set<entry*> found;
        for (auto it = wall_.begin(); it != wall_.end() && it->first <= wall; ++it)
            found.insert(it->second);
        for (auto it = boot_.begin(); it != boot_.end() && it->first <= boot; ++it)
            found.insert(it->second);
        return {found.begin(), found.end()};
    }
    std::optional<base::wall_time> next_wall() const {
        if (wall_.empty()) return std::nullopt;
        return wall_.begin()->first;
    }
    std::optional<base::boot_time> next_boot() const {
        if (boot_.empty()) return std::nullopt;
        return boot_.begin()->first;
    }

private:
    void unfile(entry& e) {
        if (e.wall) wall_.erase({*e.wall, &e});
        if (e.boot) boot_.erase({*e.boot, &e});
    }

    std::set<std::pair<base::wall_time, entry*>> wall_;
    std::set<std::pair<base::boot_time, entry*>> boot_;
};

base::result<aws::credentials> fetch_safely(source::credential_source* from,
                                            const source::credential_request& request) {
    if (from == nullptr) return base::internal("the profile has no source");
    try {
        return from->fetch(request);
    } catch (const std::exception& e) {
        return base::internal(std::string("the source failed: ") + e.what());
    } catch (...) {
        return base::internal("the source failed");
    }
}

}  // namespace

struct rotator::implementation : std::enable_shared_from_this<implementation> {
    implementation(boost::asio::io_context& c, const base::clock& k, base::random& r,
                   rotator_options o, on_snapshot p)
        : control(c),
          clock(k),
          random(r),
          options(o),
          publish(std::move(p)),
          pool(std::max(1u, o.fetch_threads)) {}

    void start_timers() {
        if (!options.timers) return;
        // The timers are owned here and call nothing once they are gone.
        timers = std::make_unique<wake_timers>(
            control, [this] { look_at_due(); }, [this] { look_at_all(); });
    }

    double jitter() {
        std::array<std::byte, sizeof(std::uint64_t)> bytes{};
        random.fill(bytes);
        std::uint64_t bits = 0;
        std::memcpy(&bits, bytes.data(), sizeof bits);
        return static_cast<double>(bits >> 11) * 0x1.0p-53;
    }

    std::shared_ptr<entry> new_entry(assignment&& a) {
        return std::make_shared<entry>(std::move(a), [this] { return jitter(); });
    }

    void replace(std::vector<assignment>&& list);
    void poll(const std::shared_ptr<entry>& e);
    void step(const std::shared_ptr<entry>& e);
    void fetch(const std::shared_ptr<entry>& e);
    void finished(const std::shared_ptr<entry>& e, base::result<aws::credentials>&& outcome);
    void renew(std::size_t index);
    void look_at_due();
    void look_at_all();
    void arm();
    void stop();

    boost::asio::io_context& control;
    const base::clock& clock;
    base::random& random;
    rotator_options options;
    on_snapshot publish;
    std::vector<std::shared_ptr<entry>> entries;
    deadlines plan;
    std::unique_ptr<wake_timers> timers;
    /// Read by the pool's threads: fetches that have not begun yet are skipped.
    std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
    boost::asio::thread_pool pool;
};

void rotator::implementation::replace(std::vector<assignment>&& list) {
    // The same issue options under the same name first, then under another (a renamed profile).
    std::unordered_multimap<std::string, std::shared_ptr<entry>> earlier;
    for (std::shared_ptr<entry>& e : entries) {
        earlier.emplace(e->what.fingerprint, e);
    }
    const auto take = [&earlier](const assignment& a, bool same_name) {
        std::shared_ptr<entry> kept;
        auto [it, end] = earlier.equal_range(a.fingerprint);
        for (; it != end; ++it) {
            if (same_name && it->second->what.profile != a.profile) continue;
            kept = std::move(it->second);
            earlier.erase(it);
            break;
        }
        return kept;
    };

    std::vector<std::shared_ptr<entry>> next(list.size());
    for (const bool same_name : {true, false}) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!next[i]) next[i] = take(list[i], same_name);
        }
    }
    plan.clear();
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (next[i]) {
            next[i]->what = std::move(list[i]);
            next[i]->state.retry_now();
        } else {
            next[i] = new_entry(std::move(list[i]));
        }
        next[i]->index = i;
        next[i]->wall.reset();
        next[i]->boot.reset();
    }
    entries = std::move(next);
    for (const std::shared_ptr<entry>& e : entries) {
        poll(e);
        publish(e->index, e->state.current());
    }
    arm();
}

void rotator::implementation::poll(const std::shared_ptr<entry>& e) {
    if (e->state.poll(clock.now(), clock.boot_now())) fetch(e);
    plan.file(*e);
}

void rotator::implementation::step(const std::shared_ptr<entry>& e) {
    const std::shared_ptr<const snapshot> before = e->state.current();
    poll(e);
    if (e->state.current() != before) publish(e->index, e->state.current());
}

void rotator::implementation::fetch(const std::shared_ptr<entry>& e) {
    boost::asio::post(pool, [me = weak_from_this(), whose = std::weak_ptr<entry>(e),
                             from = e->what.from, request = e->what.request, stop_flag = stopping,
                             &to = control] {
        if (stop_flag->load(std::memory_order_relaxed)) return;
        boost::asio::post(to, [me, whose, outcome = fetch_safely(from.get(), request)]() mutable {
            const auto rotator = me.lock();
            const auto entry = whose.lock();
            if (rotator && entry) rotator->finished(entry, std::move(outcome));
        });
    });
}

void rotator::implementation::finished(const std::shared_ptr<entry>& e,
                                       base::result<aws::credentials>&& outcome) {
    if (stopping->load(std::memory_order_relaxed)) return;
    const std::shared_ptr<const snapshot> before = e->state.current();
    e->state.fetched(std::move(outcome), clock.now(), clock.boot_now());
    poll(e);  // what came may have been outdated
    if (e->state.current() != before) publish(e->index, e->state.current());
    arm();
}

void rotator::implementation::renew(std::size_t index) {
    if (stopping->load(std::memory_order_relaxed)) return;
    const std::shared_ptr<entry> e = entries.at(index);
    e->state.discard();
    poll(e);
    publish(e->index, e->state.current());
    arm();
}

void rotator::implementation::look_at_due() {
    for (entry* e : plan.due(clock.now(), clock.boot_now())) {
        step(entries[e->index]);
    }
    arm();
}

void rotator::implementation::look_at_all() {
    if (stopping->load(std::memory_order_relaxed)) return;
    for (const std::shared_ptr<entry>& e : entries) {
        step(e);
    }
    arm();
}

void rotator::implementation::arm() {
    if (timers) timers->arm(plan.next_wall(), plan.next_boot());
}

void rotator::implementation::stop() {
    stopping->store(true, std::memory_order_relaxed);
    timers.reset();
    pool.join();
}

rotator::rotator(boost::asio::io_context& control, const base::clock& clock, base::random& random,
                 rotator_options options, on_snapshot publish)
    : self_(std::make_shared<implementation>(control, clock, random, options, std::move(publish))) {
    self_->start_timers();
}

rotator::~rotator() {
    self_->stop();
}

void rotator::assign(std::vector<assignment> list) {
    self_->replace(std::move(list));
}

void rotator::renew(std::size_t index) {
    self_->renew(index);
}

void rotator::wake() {
    self_->look_at_all();
}

void rotator::stop() {
    self_->stop();
}

std::vector<std::pair<std::string, std::shared_ptr<const snapshot>>> rotator::status() const {
    std::vector<std::pair<std::string, std::shared_ptr<const snapshot>>> all;
    all.reserve(self_->entries.size());
    for (const std::shared_ptr<entry>& e : self_->entries) {
        all.emplace_back(e->what.profile, e->state.current());
    }
    return all;
}

}  // namespace rotation
