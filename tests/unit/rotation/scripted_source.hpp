#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "base/clock.hpp"
#include "source/credential_source.hpp"

namespace rotation_test {

/// Answers on the fetch pool as the test says. `hold` keeps fetches waiting inside `fetch`.
class scripted_source final : public source::credential_source {
public:
    explicit scripted_source(const base::clock& clock) : clock_(clock) {}

    base::result<aws::credentials> fetch(const source::credential_request& request) override {
        std::unique_lock lock(mutex_);
        ++calls_;
        ++calls_of_[request.role_arn];
        ++inside_;
        most_inside_ = std::max(most_inside_, inside_);
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        --inside_;
        if (throws_) throw std::runtime_error("scripted");
        if (failure_) return *failure_;
        aws::credentials c;
        c.access_key_id = "ASIA" + std::to_string(calls_);
        c.secret_access_key = base::secret("secret");
        c.session_token = base::secret(request.role_arn);
        c.expiration = clock_.now() + request.duration;
        return c;
    }

    void hold(bool on) {
        const std::lock_guard lock(mutex_);
        held_ = on;
        changed_.notify_all();
    }
    void fail(std::optional<base::error> with) {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(with);
    }
    void throw_errors(bool on) {
        const std::lock_guard lock(mutex_);
        throws_ = on;
    }
    void wait_for_calls(int n) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return calls_ >= n; }))
            throw std::runtime_error("the fetch did not begin");
    }
    int calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    int calls_of(const std::string& role) const {
        const std::lock_guard lock(mutex_);
        const auto it = calls_of_.find(role);
        return it == calls_of_.end() ? 0 : it->second;
    }
    int most_inside() const {
        const std::lock_guard lock(mutex_);
        return most_inside_;
    }

private:
    const base::clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false, throws_ = false;
    std::optional<base::error> failure_;
    int calls_ = 0, inside_ = 0, most_inside_ = 0;
    std::map<std::string, int> calls_of_;
};

}  // namespace rotation_test
