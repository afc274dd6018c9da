#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace handler {

/// Tells one coroutine, from any thread and once, that it may go on. Whoever gives it may outlive
/// the coroutine, its thread and its io_context.
class notice : public std::enable_shared_from_this<notice> {
public:
    /// From any thread; does not wait. Whatever was written before is seen by who was waiting.
    void give();
    /// Waits without a coroutine.
    void join();

    /// False: `longest` has passed first; none: however long it takes. One wait at a time.
    static boost::asio::awaitable<bool> wait(std::shared_ptr<notice> of,
                                             std::optional<base::milliseconds> longest);

private:
    class attention;

    std::mutex mutex_;
    std::condition_variable given_now_;
    bool given_ = false;
    boost::asio::steady_timer* waiting_ = nullptr;
};

}  // namespace handler
