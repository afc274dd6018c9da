#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace handler {

/// A few threads for what may wait for a database, so that no worker does. Thread-safe.
class blocking_pool {
public:
    struct options {
        unsigned threads = 4;
        std::size_t most_queued = 256;
    };
    explicit blocking_pool(options chosen);
    /// Runs what is queued to its end.
    ~blocking_pool();
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    /// False: too much is queued, and `task` will not run. It must not throw.
    [[nodiscard]] bool run(std::function<void()> task);

private:
    void work();

    const options chosen_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool closing_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace handler
