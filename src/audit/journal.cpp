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
#include <vector>

#include "audit/chain.hpp"
#include "audit/head_file.hpp"
#include "audit/journald_output.hpp"
#include "audit/log_files.hpp"
#include "audit/sink.hpp"

namespace audit {
namespace {

using steady = std::chrono::steady_clock;

/// Of what needs no wait; the first record's is the next one.
constexpr ticket settled_ticket = 1;

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

/// The chain of a file, and where its end is remembered.
struct chain_parts {
    std::optional<chain> links;
    std::optional<head_file> head;
    std::string warning;
};

base::result<chain_parts> open_chain(const options& chosen) {
    chain_parts out;
    std::optional<link> kept;
    if (!chosen.head_file.empty()) {
        auto head = head_file::open(chosen.head_file);
        if (!head) return head.error();
        const auto read = head->read();
        // It is written anew with the next record: the log's own end is what there is to go by.
        if (!read) out.warning = "the head of the audit log is lost: " + read.error().message;
        if (read) kept = *read;
        out.head.emplace(std::move(*head));
    }
    auto start = find_chain_start(chosen.output, kept);
    if (!start) return start.error();
    if (!start->warning.empty()) out.warning = std::move(start->warning);
    out.links.emplace(start->last, std::move(start->begins));
    return out;
}

}  // namespace

struct journal::implementation {
    implementation(options o, std::string h, std::unique_ptr<output> s, chain_parts chained,
                   std::function<void(const counters&)> c)
        : chosen(std::move(o)),
          host_id(std::move(h)),
          on_change(std::move(c)),
          out(std::move(s)),
          chain_of(std::move(chained)) {}

    void run();
    void write_group(std::unique_lock<std::mutex>& lock);
    void reopen_sink(std::unique_lock<std::mutex>& lock);
    void tell_trouble(std::unique_lock<std::mutex>& lock, std::string what);
    bool has_work() const { return reopen_wanted || !group.empty() || !queue.empty(); }
    bool denies() const { return chosen.on_failure == options::failure_mode::deny; }
    ticket last_ticket() const { return settled_ticket + count.written + grouped + queued; }
    fate fate_of(ticket of) const;
    /// Takes out those whose outcome is known.
    std::vector<std::pair<std::function<void(bool)>, bool>> take_settled();

    const options chosen;
    const std::string host_id;
    const std::function<void(const counters&)> on_change;
    const std::unique_ptr<output> out;  ///< the writer's; none with output "none"
    chain_parts chain_of;               ///< the writer's

    std::mutex mutex;
    std::condition_variable work;      ///< for the writer
    std::condition_variable progress;  ///< for flush and the destructor
    std::string queue;                 ///< lines
    std::size_t queued = 0;
    std::string group;  ///< being written, or failed and to be tried again
    std::size_t grouped = 0;
    std::vector<std::pair<ticket, std::function<void(bool)>>> waiting;
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
    tell_trouble(lock, opened.error().message);
}

void journal::implementation::tell_trouble(std::unique_lock<std::mutex>& lock, std::string what) {
    if (what.empty() || what == count.trouble) return;
    count.trouble = std::move(what);
    if (!on_change) return;
    counters now = count;
    now.of_trouble = true;
    lock.unlock();
    on_change(now);
    lock.lock();
}

void journal::implementation::write_group(std::unique_lock<std::mutex>& lock) {
    const bool taken = group.empty();
    if (taken) {
        group.swap(queue);
        grouped = std::exchange(queued, 0);
    }
    const bool was_healthy = count.healthy;
    lock.unlock();
    if (taken && chain_of.links) group = chain_of.links->extend(group);
    const auto written = out->write(group);
    if (written && chain_of.head) chain_of.head->write(chain_of.links->last());
    std::string trouble = out->take_trouble();
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
    const auto told = take_settled();
    const bool changed = count.healthy != was_healthy && on_change;
    if (!told.empty() || changed) {
        const counters now = count;
        lock.unlock();
        for (const auto& [tell, kept] : told)
            tell(kept);
        if (changed) on_change(now);
        lock.lock();
    }
    tell_trouble(lock, std::move(trouble));
}

journal::fate journal::implementation::fate_of(ticket of) const {
    if (of <= settled_ticket + count.written) return of == 0 ? fate::failed : fate::kept;
    if (count.healthy && !ended) return fate::pending;
    return denies() ? fate::failed : fate::kept;
}

std::vector<std::pair<std::function<void(bool)>, bool>> journal::implementation::take_settled() {
    std::vector<std::pair<std::function<void(bool)>, bool>> known;
    const auto rest = std::stable_partition(
        waiting.begin(), waiting.end(),
        [this](const auto& one) { return fate_of(one.first) == fate::pending; });
    for (auto at = rest; at != waiting.end(); ++at)
        known.emplace_back(std::move(at->second), fate_of(at->first) == fate::kept);
    waiting.erase(rest, waiting.end());
    return known;
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
    const auto told = take_settled();
    lock.unlock();
    for (const auto& [tell, kept] : told)
        tell(kept);
}

journal::journal(std::shared_ptr<implementation> self) : self_(std::move(self)) {}

base::result<std::unique_ptr<journal>> journal::open(
    options chosen, std::string host_id, std::function<void(const counters&)> on_change) {
    std::unique_ptr<output> out;
    chain_parts chained;
    if (chosen.output == "journald") {
        auto opened = journald_output::open();
        if (opened.has_error()) return opened.error();
        out = std::move(*opened);
    } else if (chosen.output != "none") {
        if (chosen.is_file()) {
            auto found = open_chain(chosen);
            if (found.has_error()) return found.error();
            chained = std::move(*found);
        }
        auto opened = sink::open(chosen.output, chosen.rotate);
        if (opened.has_error()) return opened.error();
        out = std::make_unique<sink>(std::move(*opened));
    }
    return start(std::make_shared<implementation>(std::move(chosen), std::move(host_id),
                                                  std::move(out), std::move(chained),
                                                  std::move(on_change)));
}

std::unique_ptr<journal> journal::write_to(std::unique_ptr<output> out, options chosen,
                                           std::string host_id,
                                           std::function<void(const counters&)> on_change) {
    return start(std::make_shared<implementation>(std::move(chosen), std::move(host_id),
                                                  std::move(out), chain_parts(),
                                                  std::move(on_change)));
}

std::unique_ptr<journal> journal::start(std::shared_ptr<implementation> self) {
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

ticket journal::record(audit_record::record r) {
    implementation& self = *self_;
    if (!self.out) return settled_ticket;
    std::string line = audit_record::to_json_line(r, self.host_id);
    line += '\n';

    const std::lock_guard lock(self.mutex);
    // A line longer than the whole queue is accepted into an empty one: it could never get in else.
    const bool room =
        self.queued + self.grouped < self.chosen.queue_records &&
        (self.queue.empty() || self.queue.size() + line.size() <= self.chosen.queue_bytes);
    if (!room || (self.denies() && !self.count.healthy) || self.closing) {
        ++self.count.dropped;
        return self.denies() ? 0 : settled_ticket;
    }
    self.queue += line;
    ++self.queued;
    self.work.notify_one();
    return self.last_ticket();
}

bool journal::accepts() const {
    return !self_->denies() || !self_->failing;
}

journal::fate journal::fate_of(ticket of) const {
    const std::lock_guard lock(self_->mutex);
    return self_->fate_of(of);
}

bool journal::wait(ticket of) {
    std::unique_lock lock(self_->mutex);
    const bool known = self_->progress.wait_for(
        lock, longest_wait(), [&] { return self_->fate_of(of) != fate::pending; });
    return known ? self_->fate_of(of) == fate::kept : verdict_of_silence();
}

void journal::when_settled(ticket of, std::function<void(bool kept)> tell) {
    std::unique_lock lock(self_->mutex);
    const fate now = self_->fate_of(of);
    if (now == fate::pending) {
        self_->waiting.emplace_back(of, std::move(tell));
        return;
    }
    lock.unlock();
    tell(now == fate::kept);
}

bool journal::verdict_of_silence() const {
    return !self_->denies();
}

base::milliseconds journal::longest_wait() const {
    return self_->chosen.longest_wait;
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

const std::string& journal::warning() const {
    return self_->chain_of.warning;
}

journal::counters journal::status() const {
    const std::lock_guard lock(self_->mutex);
    return self_->count;
}

}  // namespace audit
