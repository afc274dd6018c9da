#include "audit/journal.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>
#include <utility>

#include "audit/sink.hpp"

namespace audit {
namespace {

using steady = std::chrono::steady_clock;

/// The daemon's signals are for its control thread, and a closed pipe or a file size limit must
/// come back as an error and not as SIGPIPE or SIGXFSZ: the writer inherits a full mask.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct journal::implementation {
    implementation(options o, std::string h, std::optional<sink> s,
                   std::function<void(const counters&)> c)
        : chosen(std::move(o)), host_id(std::move(h)), on_change(std::move(c)), out(std::move(s)) {}

    void run();
    void write_group(std::unique_lock<std::mutex>& lock);
    void reopen_sink(std::unique_lock<std::mutex>& lock);
    bool has_work() const { return reopen_wanted || !group.empty() || !queue.empty(); }

    const options chosen;
    const std::string host_id;
    const std::function<void(const counters&)> on_change;
    std::optional<sink> out;  ///< the writer's; none with output "none"

    std::mutex mutex;
    std::condition_variable work;      ///< for the writer
    std::condition_variable progress;  ///< for flush and the destructor
    std::string queue;                 ///< lines
    std::size_t queued = 0;
    std::string group;  ///< being written, or failed and to be tried again
    std::size_t grouped = 0;
    counters count;
    std::atomic<bool> failing{false};  ///< as !count.healthy, readable without the mutex
    bool reopen_wanted = false;
    bool closing = false;
    bool ended = false;  ///< the writer has
    steady::time_point give_up{};
    std::thread writer;
};

void journal::implementation::reopen_sink(std::unique_lock<std::mutex>& lock) {
    reopen_wanted = false;
    lock.unlock();
    const auto opened = out->reopen();
    lock.lock();
    if (!opened.has_error()) return;
    // The old file stays in use: after a rotation it exists under another name, so nothing is lost.
    ++count.write_errors;
    count.failure = opened.error().message;
}

void journal::implementation::write_group(std::unique_lock<std::mutex>& lock) {
    if (group.empty()) {
        group.swap(queue);
        grouped = std::exchange(queued, 0);
    }
    const bool was_healthy = count.healthy;
    lock.unlock();
    const auto written = out->write(group);
    lock.lock();
    if (written.has_error()) {
        ++count.write_errors;
        count.healthy = false;
        failing = true;
        count.failure = written.error().message;
    } else {
        count.written += grouped;
        count.healthy = true;
        failing = false;
        group.clear();
        grouped = 0;
    }
    progress.notify_all();
    if (count.healthy == was_healthy || !on_change) return;
    const counters now = count;
    lock.unlock();
    on_change(now);
    lock.lock();
}

void journal::implementation::run() {
    std::unique_lock lock(mutex);
    base::milliseconds wait = chosen.first_retry;
    while (true) {
        work.wait(lock, [this] { return closing || has_work(); });
        if (closing && (!has_work() || steady::now() >= give_up)) break;
        if (reopen_wanted) {
            reopen_sink(lock);
            wait = chosen.first_retry;
        }
        if (group.empty() && queue.empty()) continue;
        write_group(lock);
        if (count.healthy) {
            wait = chosen.first_retry;
            continue;
        }
        const auto until = steady::now() + wait;
        work.wait_until(
            lock, closing ? std::min(until, give_up) : until,
            [this, was_closing = closing] { return reopen_wanted || closing != was_closing; });
        wait = std::min(wait * 2, chosen.longest_retry);
    }
    count.dropped += queued + grouped;
    ended = true;
    progress.notify_all();
}

journal::journal(std::shared_ptr<implementation> self) : self_(std::move(self)) {}

base::result<std::unique_ptr<journal>> journal::open(
    options chosen, std::string host_id, std::function<void(const counters&)> on_change) {
    std::optional<sink> out;
    if (chosen.output != "none") {
        auto opened = sink::open(chosen.output);
        if (opened.has_error()) return opened.error();
        out = std::move(*opened);
    }
    auto self = std::make_shared<implementation>(std::move(chosen), std::move(host_id),
                                                 std::move(out), std::move(on_change));
    if (self->out) {
        const signals_blocked block;
        self->writer = std::thread([self] { self->run(); });
    }
    return std::unique_ptr<journal>(new journal(std::move(self)));
}

journal::~journal() {
    if (!self_->writer.joinable()) return;
    std::unique_lock lock(self_->mutex);
    self_->closing = true;
    self_->give_up = steady::now() + self_->chosen.closing_time;
    self_->work.notify_all();
    // A writer that hangs in the kernel (a dead network file system) is left behind with its share
    // of the state, so that the process can end.
    const auto most = self_->give_up + self_->chosen.closing_time;
    const bool ended = self_->progress.wait_until(lock, most, [this] { return self_->ended; });
    lock.unlock();
    if (ended) {
        self_->writer.join();
    } else {
        self_->writer.detach();
    }
}

bool journal::record(audit_record::record r) {
    implementation& self = *self_;
    if (!self.out) return true;
    std::string line = audit_record::to_json_line(r, self.host_id);
    line += '\n';

    const std::lock_guard lock(self.mutex);
    const bool deny = self.chosen.on_failure == options::failure_mode::deny;
    // A line longer than the whole queue is accepted into an empty one: it could never get in else.
    const bool room =
        self.queued + self.grouped < self.chosen.queue_records &&
        (self.queue.empty() || self.queue.size() + line.size() <= self.chosen.queue_bytes);
    if (!room || (deny && !self.count.healthy) || self.closing) {
        ++self.count.dropped;
        return !deny;
    }
    self.queue += line;
    ++self.queued;
    self.work.notify_one();
    return true;
}

bool journal::accepts() const {
    return self_->chosen.on_failure == options::failure_mode::allow || !self_->failing;
}

void journal::reopen() {
    if (!self_->out) return;
    const std::lock_guard lock(self_->mutex);
    self_->reopen_wanted = true;
    self_->work.notify_one();
}

bool journal::flush(base::milliseconds bound) {
    if (!self_->out) return true;
    std::unique_lock lock(self_->mutex);
    const std::uint64_t goal = self_->count.written + self_->grouped + self_->queued;
    return self_->progress.wait_for(lock, bound,
                                    [this, goal] { return self_->count.written >= goal; });
}

journal::counters journal::status() const {
    const std::lock_guard lock(self_->mutex);
    return self_->count;
}

}  // namespace audit
