#include "handler/recorded_hand_out.hpp"

#include "handler/durable_answer.hpp"

namespace handler {

recorded_hand_out::verdict recorded_hand_out::ask(audit::journal& journal, audit::ticket kept) {
    using fate = audit::journal::fate;
    const audit::ticket waited_for = std::exchange(waited_for_, 0);
    switch (journal.fate_of(kept)) {
        case fate::kept:
            return verdict::go;
        case fate::failed:
            return verdict::refused;
        case fate::pending:
            break;
    }
    if (kept == waited_for) return journal.verdict_of_silence() ? verdict::go : verdict::refused;
    waits_for_ = kept;
    return verdict::wait;
}

boost::asio::awaitable<void> recorded_hand_out::wait(audit::journal& journal) {
    // What came of it is asked of the journal: it may be known by then though nobody told in time.
    static_cast<void>(co_await wait_until_durable(journal, waits_for_));
    waited_for_ = std::exchange(waits_for_, 0);
    resumed_ = true;
}

}  // namespace handler
