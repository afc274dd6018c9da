#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "audit/output.hpp"

namespace audit_test {

/// Decides over what a scripted output does; shared with the test.
class script {
public:
    enum class mood { takes, hangs, fails };

    void be(mood now) {
        const std::lock_guard lock(mutex_);
        now_ = now;
        changed_.notify_all();
    }
    /// Waits until somebody hangs in a write.
    void await_writer() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return hanging_ > 0; });
    }
    std::string text() {
        const std::lock_guard lock(mutex_);
        return text_;
    }
    int writes() {
        const std::lock_guard lock(mutex_);
        return writes_;
    }

    base::result<void> write(std::string_view lines) {
        std::unique_lock lock(mutex_);
        ++hanging_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return now_ != mood::hangs; });
        --hanging_;
        if (now_ == mood::fails) return base::unavailable("the disk is full, say");
        ++writes_;
        text_ += lines;
        return {};
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    mood now_ = mood::takes;
    int hanging_ = 0;
    int writes_ = 0;
    std::string text_;
};

class scripted_output final : public audit::output {
public:
    explicit scripted_output(std::shared_ptr<script> by) : by_(std::move(by)) {}
    base::result<void> write(std::string_view lines) override { return by_->write(lines); }
    base::result<void> reopen() override { return {}; }

private:
    const std::shared_ptr<script> by_;
};

}  // namespace audit_test
