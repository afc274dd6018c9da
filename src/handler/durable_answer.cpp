#include "handler/durable_answer.hpp"

#include <atomic>
#include <memory>

#include "handler/notice.hpp"

namespace handler {

boost::asio::awaitable<bool> wait_until_durable(audit::journal& journal, audit::ticket of) {
    const auto told = std::make_shared<notice>();
    const auto kept = std::make_shared<std::atomic<bool>>(false);
    journal.when_settled(of, [told, kept](bool was_kept) {
        kept->store(was_kept);
        told->give();
    });
    const bool known = co_await notice::wait(told, journal.longest_wait());
    co_return known ? kept->load() : journal.verdict_of_silence();
}

}  // namespace handler
