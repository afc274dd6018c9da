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

bool blocking_pool::run(std::function<void()> task, task_kind kind) {
    const std::lock_guard lock(mutex_);
    queue& into = kind == task_kind::waits ? waiting_ : computing_;
    if (closing_ || into.size() >= chosen_.most_queued) return false;
    into.push_back(std::move(task));
    changed_.notify_one();
    return true;
}

blocking_pool::queue* blocking_pool::next() {
    if (!computing_.empty()) return &computing_;
    if (!waiting_.empty() && running_waiting_ < chosen_.most_waiting) return &waiting_;
    return nullptr;
}

void blocking_pool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        queue* from = nullptr;
        changed_.wait(lock, [&] {
            from = next();
            return from != nullptr || (closing_ && waiting_.empty());
        });
        if (from == nullptr) return;
        const bool waits = from == &waiting_;
        const std::function<void()> task = std::move(from->front());
        from->pop_front();
        if (waits) ++running_waiting_;
        lock.unlock();
        task();
        lock.lock();
        if (waits) --running_waiting_;
        // The last of the tasks that wait may have kept threads from ending.
        if (closing_ && waits) changed_.notify_all();
    }
}

}  // namespace handler
