#include "net/http_client.hpp"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/ip_address.hpp"
#include "net/client_socket.hpp"
#include "net/tls_client.hpp"

namespace net {

namespace {

namespace beast_http = boost::beast::http;
using answer_parser = beast_http::response_parser<beast_http::string_body>;

constexpr std::size_t longest_bearer = 16 * 1024;

bool is_loopback(const std::string& host) {
    const auto address = base::ip_address::parse(host);
    return address && address->is_loopback();
}

/// RFC 6750 §2.1: nothing that could end the header line.
bool is_bearer(std::string_view text) {
    return !text.empty() && text.size() <= longest_bearer &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

base::secret request_text(const http::url& from, const base::secret* bearer) {
    std::string text = "GET " + from.target + " HTTP/1.1\r\nHost: " + from.authority() +
                       "\r\nUser-Agent: imdsd/" IMDSD_VERSION
                       "\r\nAccept: application/json\r\nConnection: close\r\n";
    // No growing on the way: copies of the bearer would stay behind in freed memory.
    text.reserve(text.size() + (bearer ? bearer->size() : 0) + 64);
    if (bearer) text.append("Authorization: Bearer ").append(bearer->reveal()).append("\r\n");
    text.append("\r\n");
    base::secret whole(text);
    base::wipe(text.data(), text.size());
    return whole;
}

/// Bytes of the stream -> one answer.
class answer_reader {
public:
    explicit answer_reader(const client_options& options) : limits_(options) {
        parser_.header_limit(std::uint32_t(options.header_bytes));
        parser_.body_limit(options.body_bytes);
        parser_.eager(true);
    }

    bool done() const { return parser_.is_done(); }

    base::result<void> take(std::string& bytes) {
        any_ = true;
        while (!parser_.is_done() && !bytes.empty()) {
            boost::system::error_code problem;
            const std::size_t used = parser_.put(boost::asio::buffer(bytes), problem);
            bytes.erase(0, used);
            if (problem == beast_http::error::need_more) {
                if (!parser_.is_header_done() && bytes.size() > limits_.header_bytes)
                    return too_long();
                return {};
            }
            if (problem == beast_http::error::body_limit ||
                problem == beast_http::error::header_limit) {
                return too_long();
            }
            if (problem) return base::unavailable("not an HTTP answer: " + problem.message());
            if (used == 0) break;
        }
        return {};
    }

    base::result<void> end() {
        // The parser must not be told of an end before a beginning.
        if (!any_) return base::unavailable("the connection ended without an answer");
        boost::system::error_code problem;
        parser_.put_eof(problem);
        if (problem || !parser_.is_done()) return base::unavailable("the answer is cut short");
        return {};
    }

    base::result<client_answer> result() {
        client_answer answer;
        answer.status = parser_.get().result_int();
        if (answer.status < 200) return base::unavailable("an interim answer");
        if (answer.status >= 300 && answer.status < 400) {
            return base::invalid("status " + std::to_string(answer.status) +
                                 ": redirects are not followed");
        }
        answer.body = std::move(parser_.get().body());
        return answer;
    }

private:
    base::error too_long() const {
        return base::exhausted("the answer is longer than " + std::to_string(limits_.body_bytes) +
                               " bytes, or its header than " +
                               std::to_string(limits_.header_bytes));
    }

    const client_options& limits_;
    answer_parser parser_;
    bool any_ = false;
};

template <class Stream>
base::result<client_answer> talk(Stream& stream, const http::url& from, const base::secret* bearer,
                                 const client_options& options, const patience& wait) {
    const base::secret request = request_text(from, bearer);
    if (auto sent = stream.send(request.reveal(), wait); !sent) return sent.error();
    answer_reader reader(options);
    std::string bytes;
    while (!reader.done()) {
        const auto got = stream.receive(bytes, wait);
        if (!got) return got.error();
        const auto taken = *got == 0 ? reader.end() : reader.take(bytes);
        if (!taken) return taken.error();
    }
    return reader.result();
}

base::result<client_answer> exchange(const http::url& from, const base::secret* bearer,
                                     const client_options& options, const patience& wait) {
    auto socket = client_socket::open(from, wait);
    if (!socket) return socket.error();
    if (!from.secure) return talk(*socket, from, bearer, options, wait);
    auto tls = tls_client::handshake(*socket, from.host, options.ca_file, wait);
    if (!tls) return tls.error();
    return talk(*tls, from, bearer, options, wait);
}

}  // namespace

base::result<client_answer> get(const http::url& from, const base::secret* bearer,
                                const client_options& options, const base::clock& clock) {
    if (!from.secure && !is_loopback(from.host))
        return base::invalid(from.authority() + ": plain http is for loopback addresses only");
    if (bearer && !is_bearer(bearer->reveal()))
        return base::invalid(from.authority() + ": the bearer token is no value for a header");
    const deadline until(clock, options.time);
    auto answer = exchange(from, bearer, options, {until, options.cancelled});
    if (!answer) {
        base::error why = answer.error();
        why.message = from.authority() + ": " + why.message;
        return why;
    }
    return answer;
}

}  // namespace net
