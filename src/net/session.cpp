#include "net/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/secret.hpp"
#include "base/time_text.hpp"
#include "net/socket_options.hpp"

namespace net {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t first_buffer = 2048;
constexpr std::size_t body_buffer = 16 * 1024;
constexpr std::size_t most_unwritten = 64 * 1024;  ///< of pipelined answers
constexpr base::milliseconds settle_time{1000};
constexpr std::chrono::microseconds first_settle_poll{50};  ///< doubles, up to
constexpr std::chrono::microseconds longest_settle_poll{5000};
constexpr base::milliseconds linger_time{1000};
constexpr std::size_t linger_bytes = 1 << 20;
constexpr int turns_in_a_row = 16;  ///< before others get theirs
constexpr base::milliseconds longest_drop{3600 * 1000};

}  // namespace

std::string_view date_line::at(base::wall_time now) {
    const auto second = std::chrono::floor<base::seconds>(now.time_since_epoch());
    if (second != made_for_) {
        made_for_ = second;
        text_ = base::imf_fixdate(now);
    }
    return text_;
}

session::session(asio::io_context& context, int fd, stream_protocol protocol,
                 std::unique_ptr<tls_stream> tls, std::unique_ptr<conversation> talk,
                 const session_limits& limits, bool keep_bodies, const base::clock& clock,
                 date_line& date, std::shared_ptr<std::size_t> held_bodies)
    : fd_(fd),
      protocol_(protocol),
      tls_(std::move(tls)),
      socket_(context),
      talk_(std::move(talk)),
      limits_(limits),
      clock_(clock),
      date_(date),
      held_bodies_(std::move(held_bodies)),
      parser_(limits.request, keep_bodies) {
    buffer_.resize(first_buffer);
    arm(first_request_time());
}

session::~session() {
    // Somebody may still be reading the request for it.
    talk_.reset();
    *held_bodies_ -= charged_;
    if (tls_) tls_->close();
    if (!socket_.is_open()) ::close(fd_);
    // Answers hold keys and tokens.
    base::wipe(out_.data(), out_.capacity());
    base::wipe(held_.data(), held_.capacity());
    base::wipe(buffer_.data(), buffer_.size());
    base::wipe(answer_.storage.data(), answer_.storage.capacity());
}

/// A deadline that passed while nothing was waited for has no say over what comes next.
void session::wait_until(base::boot_time deadline) {
    deadline_ = deadline;
    waits_for_input_ = false;
    if (!draining_) expired_ = false;
}

bool session::check_deadline(base::boot_time now) {
    if (now < deadline_) return false;
    if (awaiting_) {
        cancel_wait();
        return false;
    }
    if (!idle_ && !draining_) answer_timeout();
    return true;
}

bool session::drain() {
    draining_ = true;
    if (!awaiting_) return idle_;
    if (idle_) cancel_wait();
    return false;
}

bool session::abort() {
    draining_ = true;
    if (!awaiting_) return true;
    ::shutdown(fd_, SHUT_RDWR);
    cancel_wait();
    if (holding_) holding_->cancel();
    return false;
}

void session::cancel_wait() {
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void session::join_reactor() {
    if (socket_.is_open()) return;
    boost::system::error_code ignored;  // an fd that cannot be registered fails at the first wait
    socket_.assign(protocol_, fd_, ignored);
}

void session::leave_reactor() {
    boost::system::error_code ignored;
    if (socket_.is_open()) socket_.release(ignored);
}

session::course session::run_now() {
    if (!prepared_ && talk_->wants_prepare()) return leave_to_serve(step::read);
    prepared_ = true;
    for (int turn = 0; turn < turns_in_a_row; ++turn) {
        const step next = next_step();
        const bool held_now = next == step::flush_held && delay_.count() == 0;
        if (next != step::read && next != step::finish && next != step::flush && !held_now) {
            return leave_to_serve(next);
        }
        const written sent = write_now();
        if (sent == written::failed) return course::ended;
        if (sent == written::in_part) return leave_to_serve(next);
        if (next == step::finish) return course::ended;
        if (held_now) pending_ = release_held();
        if (next != step::read) continue;
        if (draining_ && between_requests()) return course::ended;
        switch (read_now()) {
            case tls_stream::outcome::moved:
                break;
            case tls_stream::outcome::ended:
                return course::ended;
            case tls_stream::outcome::wait_read:
                pending_ = step::read;
                return course::input;
            case tls_stream::outcome::wait_write:
                return leave_to_serve(step::read);
        }
    }
    return leave_to_serve(next_step());
}

session::course session::leave_to_serve(step next) {
    pending_ = next;
    awaiting_ = true;
    input_drained_ = false;  // who watches for input does not tell of what comes meanwhile
    return course::await;
}

void session::consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
}

/// Room for more header bytes; the unread part moves to the front. Only called while no view into
/// the buffer is alive.
void session::prepare_space() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
}

session::step session::next_step() {
    if (!pending_) return advance();
    const step next = *pending_;
    pending_.reset();
    return next;
}

/// Works on what has been read until something must be awaited.
session::step session::advance() {
    while (true) {
        if (out_.size() - written_ > most_unwritten) return step::flush;
        if (request_ready_) {
            const step next = answer_request();
            if (next != step::read) return next;
            continue;
        }

        http::request_parser::progress progress{};
        if (!parser_.header_complete()) {
            if (begin_ == end_) return step::read;
            if (!in_request_) {
                in_request_ = true;
                request_started_ = clock_.boot_now();
            }
            progress = parser_.feed(unread());
            // The header's views point into the buffer: it stays in place until the answer is made.
            begin_ += progress.consumed;
            if (progress.status == http::request_parser::state::need_more &&
                parser_.header_complete()) {
                body_piece_.assign(unread());
                piece_end_ = body_piece_.size();
                begin_ = end_;
            }
        } else {
            progress = parser_.feed(
                std::string_view(body_piece_.data() + piece_begin_, piece_end_ - piece_begin_));
            piece_begin_ += progress.consumed;
        }
        if (progress.status == http::request_parser::state::failed) {
            return answer_failure(parser_.failure_status(), parser_.failure_reason());
        }
        if (!charge_body()) return answer_failure(503, "too many large requests at once");
        if (progress.status == http::request_parser::state::need_more) {
            // A chunk header or trailer that does not end.
            if (piece_end_ - piece_begin_ >= body_buffer)
                return answer_failure(400, parser_.failure_reason());
            if (parser_.header_complete() && parser_.take_expect_continue()) {
                out_ += "HTTP/1.1 100 Continue\r\n\r\n";
            }
            return step::read;
        }
        request_ready_ = true;
        ++requests_;
    }
}

/// False: this request is not small, and all connections together hold too much.
bool session::charge_body() {
    const std::size_t now = parser_.body_memory();
    *held_bodies_ += now - charged_;
    charged_ = now;
    return now <= limits_.small_body || *held_bodies_ <= limits_.held_bodies;
}

session::step session::answer_failure(unsigned status, std::string_view reason) {
    answer_.clear();
    answer_.status = status;
    answer_.own_body(std::string(reason));
    talk_->refuse(parser_.current(), answer_);
    http::write(answer_, date_.at(clock_.now()), false, false, 11, out_);
    closing_ = true;
    parser_.reset();
    charge_body();
    return step::linger;
}

session::step session::answer_request() {
    if (hop_limit_ != 0) {
        // The peer may not have got the answer that went out with the reduced limit. While it is
        // unacknowledged the kernel would send it again with whatever limit is set then.
        if (!send_queue_empty(fd_)) {
            return input_before_put_ ? step::settle : step::reset;
        }
        hop_limit_ = 0;
        set_hop_limit(fd_, 0);
    }
    const http::request& request = parser_.current();
    answer_.clear();
    if (tls_) talk_->secured(tls_->details());
    const action act = talk_->respond(request, answer_);
    if (act.what == action::kind::reset) return step::reset;
    if (act.what == action::kind::wait) return step::wait;
    request_ready_ = false;
    if (act.what == action::kind::drop) return step::drop;
    const bool head = request.method == "HEAD";
    const bool cut = act.most_body < answer_.body.size() && !head;
    const bool keep = request.keep_alive && !answer_.close && !draining_ && !cut;
    const bool held_back = act.hop_limit != 0 || act.delay.count() > 0;
    std::string& target = held_back ? held_ : out_;
    http::write(answer_, date_.at(clock_.now()), keep, head, request.version, target);
    if (cut) target.resize(target.size() - (answer_.body.size() - act.most_body));
    // Answers hold keys and tokens; `target` is wiped when it has been sent.
    base::wipe(answer_.storage.data(), answer_.storage.size());
    answer_.body = {};
    hop_limit_ = act.hop_limit;
    delay_ = act.delay;
    return after_answer(keep);
}

session::step session::after_answer(bool keep) {
    in_request_ = false;
    if (parser_.header_complete() && piece_end_ > piece_begin_) {
        // What came behind a body belongs to the next request.
        buffer_.replace(0, std::string::npos, body_piece_, piece_begin_, piece_end_ - piece_begin_);
        begin_ = 0;
        end_ = piece_end_ - piece_begin_;
        buffer_.resize(std::max(end_, first_buffer));
    }
    piece_begin_ = piece_end_ = 0;
    body_piece_.clear();
    consume(0);
    parser_.reset();
    charge_body();
    closing_ = !keep;
    if (hop_limit_ != 0) input_before_put_ = begin_ != end_;
    if (hop_limit_ != 0 || delay_.count() > 0) return step::flush_held;
    if (closing_) return step::finish;
    return step::read;
}

/// Takes what is there. wait_read: that was nothing, and the deadline of the wait is set.
tls_stream::outcome session::read_now() {
    using outcome = tls_stream::outcome;
    // A short read took everything; asking again would cost a system call for each request.
    const bool drained = std::exchange(input_drained_, false) && !input_ends_;
    read_needs_ = outcome::wait_read;
    if (!drained) {
        const asio::mutable_buffer space = read_space();
        const tls_stream::result got = receive_now(space);
        if (got.what == outcome::moved) {
            input_drained_ = !tls_ && got.size < space.size();
            end_read(got.size);
        }
        if (got.what == outcome::moved || got.what == outcome::ended) return got.what;
        read_needs_ = got.what;
    }
    idle_ = between_requests();
    // What comes without being a part of a request (a handshake's bytes) buys no time.
    if (waits_for_input_) return read_needs_;
    if (idle_) {
        arm(requests_ == 0 ? first_request_time() : limits_.idle_time);
    } else {
        wait_until(request_started_ + limits_.header_time);
    }
    waits_for_input_ = true;
    return read_needs_;
}

/// Where the next bytes go.
asio::mutable_buffer session::read_space() {
    if (parser_.header_complete()) {
        // What the parser has not consumed (the start of a chunk's header) comes first again.
        body_piece_.erase(0, piece_begin_);
        piece_end_ -= piece_begin_;
        piece_begin_ = 0;
        body_piece_.resize(std::max(body_buffer, piece_end_));
        return {body_piece_.data() + piece_end_, body_piece_.size() - piece_end_};
    }
    prepare_space();
    return {buffer_.data() + end_, buffer_.size() - end_};
}

void session::end_read(std::size_t size) {
    idle_ = false;
    waits_for_input_ = false;
    (parser_.header_complete() ? piece_end_ : end_) += size;
}

/// The client took too long over a request: it is told, as far as it listens.
void session::answer_timeout() {
    answer_.clear();
    answer_.status = 408;
    talk_->refuse(parser_.current(), answer_);
    http::write(answer_, date_.at(clock_.now()), false, false, 11, out_);
    write_now();
}

tls_stream::result session::receive_now(asio::mutable_buffer space) {
    using outcome = tls_stream::outcome;
    if (tls_) return tls_->read(static_cast<char*>(space.data()), space.size());
    const ssize_t size = ::recv(fd_, space.data(), space.size(), MSG_DONTWAIT);
    if (size > 0) return {outcome::moved, std::size_t(size)};
    const bool later = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return {later ? outcome::wait_read : outcome::ended, 0};
}

tls_stream::result session::send_now(std::string_view bytes) {
    using outcome = tls_stream::outcome;
    if (tls_) return tls_->write(bytes);
    while (true) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) return {outcome::moved, std::size_t(sent)};
        if (errno == EINTR) continue;
        const bool later = errno == EAGAIN || errno == EWOULDBLOCK;
        return {later ? outcome::wait_write : outcome::ended, 0};
    }
}

session::written session::write_now() {
    while (written_ < out_.size()) {
        const tls_stream::result sent = send_now(std::string_view(out_).substr(written_));
        if (sent.what == tls_stream::outcome::ended) return written::failed;
        if (sent.what != tls_stream::outcome::moved) {
            write_needs_ = sent.what;
            return written::in_part;
        }
        written_ += sent.size;
    }
    base::wipe(out_.data(), out_.size());
    out_.clear();
    written_ = 0;
    return written::all;
}

asio::awaitable<bool> session::wait_for(tls_stream::outcome need) {
    const auto side = need == tls_stream::outcome::wait_read ? stream_socket::wait_read
                                                             : stream_socket::wait_write;
    const auto [error] = co_await socket_.async_wait(side, no_throw);
    co_return !error && !expired_;
}

asio::awaitable<bool> session::flush() {
    while (true) {
        const written now = write_now();
        if (now == written::all) co_return true;
        if (now == written::failed) co_return false;
        arm(limits_.write_time);
        const bool ready = co_await wait_for(write_needs_);
        if (!ready) co_return false;
    }
}

/// Waits until the peer has acknowledged the answer sent with a reduced hop limit: only for a
/// client that had sent its next request before that answer was made.
asio::awaitable<bool> session::settle() {
    asio::steady_timer timer(socket_.get_executor());
    const base::boot_time end = clock_.boot_now() + settle_time;
    auto poll = first_settle_poll;
    // Counted as well: the clock may be one that a test holds still.
    for (std::chrono::microseconds waited{0}; waited < settle_time; waited += poll) {
        if (send_queue_empty(fd_)) co_return true;
        if (clock_.boot_now() >= end) break;
        timer.expires_after(poll);
        co_await timer.async_wait(no_throw);
        poll = std::min(poll * 2, longest_settle_poll);
    }
    co_return false;
}

/// After an early answer to a request that was not read to its end: a plain close would reset the
/// connection and could destroy the answer on its way.
asio::awaitable<void> session::linger() {
    if (!co_await flush()) co_return;
    if (tls_) tls_->close();
    ::shutdown(fd_, SHUT_WR);
    arm(linger_time);
    body_piece_.resize(body_buffer);
    for (std::size_t total = 0; total < linger_bytes;) {
        const auto [error, size] =
            co_await socket_.async_read_some(asio::buffer(body_piece_), no_throw);
        if (error || expired_) co_return;
        total += size;
    }
}

/// Ends the hold when the client leaves: clients that lose patience and come again would otherwise
/// use up their share of connections. One that has sent more is not watched further.
void session::watch_client(std::shared_ptr<hold> of) {
    socket_.async_wait(stream_socket::wait_read, [of](boost::system::error_code error) {
        if (error || of->over) return;
        char next;
        const ssize_t size = ::recv(of->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);
        if (size > 0 || (size < 0 && errno == EAGAIN)) return;
        of->left = true;
        of->timer.cancel();
    });
}

/// Lets the delay of the held answer pass. False: the connection is being ended.
asio::awaitable<bool> session::hold_back() {
    const auto now = std::make_shared<hold>(socket_.get_executor(), fd_);
    now->timer.expires_after(std::exchange(delay_, base::milliseconds(0)));
    wait_until(base::boot_time::max());
    holding_ = &now->timer;
    watch_client(now);
    co_await now->timer.async_wait(no_throw);
    holding_ = nullptr;
    now->over = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    co_return !expired_ && !now->left;
}

/// The held answer is the next to be written; nothing else is left to write.
session::step session::release_held() {
    if (hop_limit_ != 0) {
        // What the client has sent until now cannot tell that it has this answer.
        input_before_put_ = input_before_put_ || input_waiting(fd_);
        set_hop_limit(fd_, hop_limit_);
    }
    out_.swap(held_);
    return closing_ ? step::finish : step::flush;
}

/// Says nothing until the client leaves, or has waited longer than anybody does.
asio::awaitable<void> session::drop() {
    idle_ = true;
    arm(longest_drop);
    body_piece_.resize(body_buffer);
    while (!draining_) {
        const auto [error, size] =
            co_await socket_.async_read_some(asio::buffer(body_piece_), no_throw);
        if (error || expired_) co_return;
    }
}

asio::awaitable<bool> session::serve(session& self) {
    self.join_reactor();
    if (!self.prepared_) {
        self.prepared_ = true;
        if (self.talk_->wants_prepare()) co_await self.talk_->prepare();
    }
    while (true) {
        const step next = self.next_step();
        if (next == step::linger) {
            co_await self.linger();
            co_return false;
        }
        if (next == step::settle) {
            if (co_await self.settle()) continue;
        }
        if (next == step::reset || next == step::settle) {
            reset_on_close(self.fd_);
            co_return false;
        }
        written sent = self.write_now();
        if (sent == written::in_part) {
            const bool all = co_await self.flush();
            if (all) sent = written::all;
        }
        if (sent != written::all || next == step::finish) co_return false;
        if (next == step::flush) continue;
        if (next == step::wait) {
            co_await self.talk_->wait();
            continue;
        }
        if (next == step::drop) {
            co_await self.drop();
            co_return false;
        }
        if (next == step::flush_held) {
            if (self.delay_.count() > 0) {
                const bool on = co_await self.hold_back();
                if (!on) co_return false;
            }
            self.pending_ = self.release_held();
            continue;
        }
        if (self.read_needs_ == tls_stream::outcome::wait_write) {
            const bool ready = co_await self.wait_for(self.read_needs_);
            if (!ready) co_return false;
        }
        self.pending_ = step::read;
        self.leave_reactor();
        self.awaiting_ = false;
        co_return true;
    }
}

}  // namespace net
