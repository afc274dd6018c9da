#include "handler/blocking_pool.hpp"

#include <utility>

#include "net/quiet_thread.hpp"

namespace handler {

blocking_pool::blocking_pool(options chosen) : chosen_(chosen) {
    for (unsigned i = 0; i < chosen_.threads; ++i)
        threads_.push_back(net::quiet_thread([this] { work(); }));
}

blocking_pool::~blocking_pool() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    for (std::thread& one : threads_)
        one.join();
}

bool blocking_pool::run(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (closing_ || queue_.size() >= chosen_.most_queued) return false;
    queue_.push_back(std::move(task));
    changed_.notify_one();
    return true;
}

void blocking_pool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) return;
        const std::function<void()> task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
}

}  // namespace handler
