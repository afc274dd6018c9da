#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace handler {

/// A few threads for what takes long, so that no worker does. What waits for a database never has
/// all of them: a database that does not answer holds up nothing that does not need it.
/// Thread-safe.
class blocking_pool {
public:
    struct options {
        unsigned threads = 6;
        unsigned most_waiting = 4;      ///< threads that run tasks that wait, at a time
        std::size_t most_queued = 256;  ///< of each kind
    };
    enum class task_kind { computes, waits };

    explicit blocking_pool(options chosen);
    /// Runs what is queued to its end.
    ~blocking_pool();
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    /// False: too much is queued, and `task` will not run. It must not throw.
    [[nodiscard]] bool run(std::function<void()> task, task_kind kind);

private:
    using queue = std::deque<std::function<void()>>;

    void work();
    /// What is next; null: nothing that may run now.
    queue* next();

    const options chosen_;
    std::mutex mutex_;
    std::condition_variable changed_;
    queue computing_, waiting_;
    unsigned running_waiting_ = 0;
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace handler
