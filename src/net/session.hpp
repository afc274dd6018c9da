#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "base/clock.hpp"
#include "http/request_parser.hpp"
#include "net/limits.hpp"
#include "net/service.hpp"
#include "net/tls_server.hpp"

namespace net {

using stream_protocol = boost::asio::generic::stream_protocol;
using stream_socket = stream_protocol::socket;

/// Answers' Date, made once a second.
class date_line {
public:
    std::string_view at(base::wall_time now);

private:
    base::seconds made_for_{-1};
    std::string text_;
};

/// One connection: reads requests, has them answered, writes answers. `run_now` goes as far as it
/// can without waiting for anything but the client's next bytes, which whoever owns the session
/// watches for: what most connections do costs no coroutine. `serve` awaits the rest.
class session : public boost::intrusive::list_base_hook<> {
public:
    /// Takes the accepted, non-blocking descriptor. Without `tls` bytes go as they are. All
    /// sessions of a worker share the count of `held_bodies`, in bytes.
    session(boost::asio::io_context& context, int fd, stream_protocol protocol,
            std::unique_ptr<tls_stream> tls, std::unique_ptr<conversation> talk,
            const session_limits& limits, bool keep_bodies, const base::clock& clock,
            date_line& date, std::shared_ptr<std::size_t> held_bodies);
    ~session();

    std::uint64_t peer_key() const { return talk_->peer_key(); }
    std::uint64_t requests() const { return requests_; }

    /// What comes after `run_now`.
    enum class course {
        ended,   ///< the connection is over
        input,   ///< `run_now` again when the client has sent more
        resume,  ///< `run_now` again at once, after others have had their turn
        await,   ///< `serve` must go on
    };
    course run_now();
    /// The client has closed its side: from now on everything is read to its end.
    void note_end_of_input() { input_ends_ = true; }

    /// Does what needs waiting, until there is nothing to do but to read. True: `run_now` goes on.
    /// False: the connection is over.
    static boost::asio::awaitable<bool> serve(session& self);
    /// Between `run_now` that said `await` and the end of `serve` nobody else may run the session.
    bool awaiting() const { return awaiting_; }

    /// These three return true when nothing is awaited and the connection is over; what `serve`
    /// waits for they cancel.
    [[nodiscard]] bool check_deadline(base::boot_time now);
    /// No further request is read; an answer under way is still written.
    [[nodiscard]] bool drain();
    [[nodiscard]] bool abort();

    int descriptor() const { return fd_; }
    bool watched = false;  ///< for who watches for its input
    /// TLS reads one record at a time: `input` does not mean that nothing more is there.
    bool may_have_input() const { return tls_ != nullptr; }

private:
    enum class written { all, in_part, failed };
    enum class step { read, flush, flush_held, wait, settle, finish, linger, reset, drop };

    step next_step();
    step advance();
    step answer_request();
    step answer_failure(unsigned status, std::string_view reason);
    bool charge_body();
    step after_answer(bool keep);
    void prepare_space();
    void consume(std::size_t bytes);
    std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
    void arm(base::milliseconds from_now) { wait_until(clock_.boot_now() + from_now); }
    void wait_until(base::boot_time deadline);
    /// A connection is made for a request: one that sends none is not kept like one that has.
    base::milliseconds first_request_time() const {
        return std::min(limits_.header_time, limits_.idle_time);
    }

    bool between_requests() const { return !in_request_ && !parser_.header_complete(); }
    tls_stream::outcome read_now();
    boost::asio::mutable_buffer read_space();
    void end_read(std::size_t size);
    void answer_timeout();
    tls_stream::result receive_now(boost::asio::mutable_buffer space);
    tls_stream::result send_now(std::string_view bytes);
    written write_now();
    /// Waits for what a read or write needs. False: the connection is over.
    boost::asio::awaitable<bool> wait_for(tls_stream::outcome need);
    boost::asio::awaitable<bool> flush();
    boost::asio::awaitable<bool> settle();
    boost::asio::awaitable<void> linger();
    /// While an answer is held back.
    struct hold {
        hold(const boost::asio::any_io_executor& executor, int of) : timer(executor), fd(of) {}
        boost::asio::steady_timer timer;
        const int fd;
        bool over = false;
        bool left = false;  ///< the client has closed
    };
    boost::asio::awaitable<bool> hold_back();
    void watch_client(std::shared_ptr<hold> of);
    step release_held();
    boost::asio::awaitable<void> drop();

    course leave_to_serve(step next);
    void cancel_wait();
    void join_reactor();
    void leave_reactor();

    const int fd_;
    const stream_protocol protocol_;
    const std::unique_ptr<tls_stream> tls_;
    tls_stream::outcome write_needs_ = tls_stream::outcome::wait_write;
    tls_stream::outcome read_needs_ = tls_stream::outcome::wait_read;
    stream_socket socket_;         ///< owns fd_ while something is awaited
    std::optional<step> pending_;  ///< where run_now stopped
    std::unique_ptr<conversation> talk_;
    const session_limits limits_;
    const base::clock& clock_;
    date_line& date_;
    const std::shared_ptr<std::size_t> held_bodies_;
    std::size_t charged_ = 0;  ///< of held_bodies_, by this session
    http::request_parser parser_;
    http::response answer_;

    std::string buffer_;  ///< bytes of the current request's header and what came with it
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string body_piece_;  ///< body bytes read after the header was complete
    std::size_t piece_begin_ = 0;
    std::size_t piece_end_ = 0;

    std::string out_;   ///< answers not yet written
    std::string held_;  ///< the answer that goes out with a reduced hop limit, or late
    std::size_t written_ = 0;

    base::milliseconds delay_{0};                   ///< of the answer that is held
    boost::asio::steady_timer* holding_ = nullptr;  ///< while an answer is held back
    int hop_limit_ = 0;                             ///< in force on the socket; 0: the default
    bool input_before_put_ = false;
    bool request_ready_ = false;  ///< parsed and not answered yet
    bool in_request_ = false;
    bool closing_ = false;
    bool draining_ = false;
    bool expired_ = false;
    bool idle_ = true;
    bool prepared_ = false;
    bool awaiting_ = false;
    bool waits_for_input_ = false;  ///< with the deadline of that
    bool input_ends_ = false;
    bool input_drained_ = false;  ///< the last read took all that was there
    std::uint64_t requests_ = 0;
    base::boot_time request_started_{};
    base::boot_time deadline_ = base::boot_time::max();
};

}  // namespace net
