#include "handler/notice.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handler {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace

/// While it lives the notice knows the timer; the frame of a coroutine may be destroyed in its
/// wait.
class notice::attention {
public:
    attention(notice& to, asio::steady_timer& timer) : to_(to) {
        const std::lock_guard lock(to_.mutex_);
        to_.waiting_ = &timer;
        given_ = to_.given_;
    }
    ~attention() {
        const std::lock_guard lock(to_.mutex_);
        to_.waiting_ = nullptr;
    }
    attention(const attention&) = delete;
    attention& operator=(const attention&) = delete;
    bool given_before() const { return given_; }

private:
    notice& to_;
    bool given_ = false;
};

void notice::give() {
    const std::lock_guard lock(mutex_);
    given_ = true;
    given_now_.notify_all();
    if (waiting_ == nullptr) return;
    // The timer belongs to its thread. Whether there is still one is seen there, under the lock;
    // that there is one now keeps its io_context alive.
    const std::shared_ptr<notice> self = shared_from_this();
    asio::post(waiting_->get_executor(), [self] {
        const std::lock_guard inner(self->mutex_);
        if (self->waiting_ != nullptr) self->waiting_->cancel();
    });
}

void notice::join() {
    std::unique_lock lock(mutex_);
    given_now_.wait(lock, [this] { return given_; });
}

asio::awaitable<bool> notice::wait(std::shared_ptr<notice> of,
                                   std::optional<base::milliseconds> longest) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    if (longest) {
        timer.expires_after(*longest);
    } else {
        timer.expires_at(asio::steady_timer::time_point::max());
    }
    const attention paid(*of, timer);
    if (paid.given_before()) co_return true;
    co_await timer.async_wait(no_throw);
    const std::lock_guard lock(of->mutex_);
    co_return of->given_;
}

}  // namespace handler
