#include "handler/worker_state.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handler {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace

void worker_state::install(std::shared_ptr<const serving> next, profile_states states) {
    current_ = std::move(next);
    states_ = std::move(states);
    states_.resize(current_->profiles.size());
    wake_waiting();
}

void worker_state::publish(std::uint64_t generation, std::size_t profile, profile_state state) {
    if (!current_ || generation != current_->generation || profile >= states_.size()) return;
    states_[profile] = std::move(state);
    wake_waiting();
}

void worker_state::wake_waiting() {
    for (asio::steady_timer* timer : waiting_)
        timer->cancel();
}

asio::awaitable<void> worker_state::wait_for_news(base::boot_time end) {
    asio::steady_timer timer(needs_.context);
    const base::milliseconds left = end - needs_.clock.boot_now();
    timer.expires_after(std::max(left, base::milliseconds(0)));
    const auto place = waiting_.insert(waiting_.end(), &timer);
    co_await timer.async_wait(no_throw);
    waiting_.erase(place);
}

}  // namespace handler
