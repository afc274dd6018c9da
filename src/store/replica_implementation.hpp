#pragma once

// Inside of store/replica: what replica.cpp and replica_thread.cpp share.
#include <atomic>
#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "store/replica.hpp"

namespace store {

/// What a write comes to.
struct outcome_of_decision {
    iam::changes entities{};
    std::shared_ptr<const sts::key_ring> keys{};  ///< null: the ring stays
    std::vector<std::pair<std::string, std::shared_ptr<const iam::last_use>>> uses{};
    std::vector<std::pair<std::string, std::shared_ptr<const kept_identity>>> identities{};

    bool empty() const { return entities.empty() && !keys && uses.empty() && identities.empty(); }
};
using estate_decision = std::function<base::result<outcome_of_decision>(
    const estate& now, const std::shared_ptr<const iam::directory>& combined)>;

struct request {
    estate_decision decide;
    std::uint64_t ticket = 0;
    std::promise<base::result<void>> done;
    bool told = false;
    base::result<void> outcome{};  ///< to be told when what it rests on is stored

    void tell(const base::result<void>& what) {
        told = true;
        done.set_value(what);
    }
};

/// Pruning, sealing anew and the ids of files change at most so much at once.
inline constexpr std::size_t most_per_commit = 10'000;

/// What is thrown on the replica's thread (memory has run out, a decision is at fault) must end
/// neither the process nor the thread.
template <class Work>
auto guarded(Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& thrown) {
        return base::internal(std::string("unexpected: ") + thrown.what());
    } catch (...) {
        return base::internal("unexpected failure");
    }
}

inline base::error closing() {
    return base::unavailable("the store is being closed");
}

inline base::error no_answer() {
    return base::unavailable("the database does not answer");
}

/// Its thread would wait for itself.
inline base::error from_within() {
    return base::internal("the store is asked from within one of its own decisions");
}

struct replica::implementation {
    implementation(std::unique_ptr<database> r, replica_options o, const base::clock& c,
                   base::random& rnd)
        : rows(std::move(r)),
          options(std::move(o)),
          clock(c),
          random(rnd),
          codec{options.partition, options.wrapping_keys, random} {}

    const std::unique_ptr<database> rows;
    const replica_options options;
    const base::clock& clock;
    base::random& random;
    const row_codec codec;
    std::function<void(const replica_view&)> publish;
    std::function<void(const replica_health&)> report;

    // Of the replica's thread alone, once it runs.
    estate now;
    std::shared_ptr<const iam::directory> combined;
    iam::file_layer file;
    std::set<std::string> file_principals;
    std::optional<sts::organization> organization;
    bool made_issuer = false;
    bool published = false;  ///< what is in force is what `publish` was told
    base::boot_time next_pruning{};
    base::boot_time next_saving{};
    replica_health health;

    issuer_facts facts;  // never change after the first start
    /// Boot time at which the last look that worked began.
    std::atomic<base::milliseconds::rep> contact{0};

    mutable std::mutex mutex;  // guards what follows
    std::condition_variable waiting;
    replica_view shown;
    replica_health told;  ///< as `health`
    std::vector<request> requests;
    std::uint64_t tickets = 0;
    std::optional<base::boot_time> busy_since;  ///< the thread works, or waits for the database
    std::vector<std::packaged_task<void()>> tasks;
    bool stop = false;
    std::thread thread;
    std::atomic<std::thread::id> own{};  ///< of the thread, once it runs

    base::result<void> first_load();
    void run();
    base::result<void> look();
    void note_contact(const base::result<void>& looked, base::boot_time began);
    base::result<void> catch_up();
    base::result<void> load_all();
    base::result<void> take_delta(const delta& since);
    void show();
    void serve(std::vector<request> batch);
    base::result<bool> try_batch(std::vector<request>& batch);
    void prune();
    void go_to_work();
    void restore_uses(const estate& from);
    void save_uses();
    base::result<void> submit(estate_decision decide);
    /// Runs it on the replica's thread.
    template <class Result>
    Result on_thread(std::function<Result()> work, Result when_closing);
    base::result<prepared_file> prepare(std::vector<sts::account_definition>& accounts,
                                        const std::string& name,
                                        std::optional<sts::organization> chosen);
    base::result<void> use(prepared_file chosen);
    base::result<void> commit_alone(const estate_decision& decide);
};

template <class Result>
Result replica::implementation::on_thread(std::function<Result()> work, Result when_closing) {
    if (own.load() == std::this_thread::get_id()) return from_within();
    std::optional<Result> result;
    std::packaged_task<void()> task([&] { result.emplace(work()); });
    std::future<void> done = task.get_future();
    {
        const std::lock_guard lock(mutex);
        if (stop) return when_closing;
        tasks.push_back(std::move(task));
        waiting.notify_all();
    }
    rows->wake();
    try {
        done.get();
    } catch (const std::future_error&) {
        // The thread ended first.
        return when_closing;
    }
    return std::move(*result);
}

}  // namespace store
