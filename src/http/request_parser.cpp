#include "http/request_parser.hpp"

#include <limits>
#include <optional>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace http {

namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t last_chunk_size = 5;           // "0\r\n\r\n"
constexpr std::size_t kept_body_memory = 16 * 1024;  // between the requests of a connection
constexpr std::size_t most_empty_lines = 16;         // before a request line

std::string_view to_std(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// True for "METHOD target HTTP/n.n": a request but for its version. Beast takes whatever follows
/// the second space for one, also the rest of a target with a space in it.
bool names_a_version(std::string_view line) {
    const auto last = line.rfind(' ');
    if (last == std::string_view::npos || line.find(' ') == last ||
        line.find(' ', line.find(' ') + 1) != last) {
        return false;
    }
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const std::string_view version = line.substr(last + 1);
    return version.size() == 8 && version.substr(0, 5) == "HTTP/" && digit(version[5]) &&
           version[6] == '.' && digit(version[7]);
}

/// Keeps views and a body instead of Beast's message with its allocated fields.
class collector final : public beast_http::basic_parser<true> {
public:
    collector(const request_limits& limits, bool keep_body, std::vector<field>& fields,
              std::string& body)
        : limits_(limits), keep_body_(keep_body), fields_(fields), body_(body) {
        header_limit(std::uint32_t(limits.header_bytes + 4));
        body_limit(boost::none);  // enforced below, where the answer's status is chosen
        eager(true);
    }

    /// The header block as the caller keeps it: views outside it would dangle.
    void set_header_block(std::string_view block) { block_ = block; }

    request view;
    bool expect_continue = false;
    unsigned failure = 0;
    std::string_view why;

private:
    void fail(unsigned status, std::string_view reason, error_code& error) {
        failure = status;
        why = reason;
        error = beast_http::error::bad_value;
    }

    void on_request_impl(beast_http::verb, boost::beast::string_view method,
                         boost::beast::string_view target, int version,
                         error_code& error) override {
        view.method = to_std(method);
        view.target = to_std(target);
        view.version = version;
        if (view.target.size() > limits_.target_bytes) {
            // Told once the fields are known: how to answer may stand there.
            failure = 414;
            why = "the request target is too long";
        }
        if (view.method.size() > 32) fail(400, "the method is too long", error);
    }

    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

    void on_field_impl(beast_http::field, boost::beast::string_view name,
                       boost::beast::string_view value, error_code& error) override {
        if (header_done_) return;  // a trailer: nothing in it is of interest (RFC 9110 §6.5.1)
        if (fields_.size() == limits_.fields) {
            return fail(431, "there are too many header fields", error);
        }
        const field f{to_std(name), trim(to_std(value))};
        // Views outlive the parser's temporaries: only folded lines are joined in one.
        if (!f.value.empty() && (f.value.data() < block_.data() ||
                                 f.value.data() + f.value.size() > block_.data() + block_.size())) {
            return fail(400, "folded header lines are not accepted", error);
        }
        fields_.push_back(f);
    }

    void on_header_impl(error_code& error) override {
        header_done_ = true;
        view.fields = fields_;
        view.keep_alive = keep_alive();
        if (failure != 0) {
            error = beast_http::error::bad_value;
            return;
        }
        const std::size_t hosts = view.count("Host");
        if (hosts > 1 || (hosts == 0 && view.version == 11)) {
            return fail(400, "a request needs one Host field", error);
        }
        if (const field* coding = view.find("Transfer-Encoding")) {
            if (view.version == 10) return fail(400, "HTTP/1.0 has no Transfer-Encoding", error);
            if (!equal_ignoring_case(coding->value, "chunked") ||
                view.count("Transfer-Encoding") != 1) {
                return fail(501, "the only transfer coding understood is chunked", error);
            }
        }
        if (const field* expect = view.find("Expect"); expect && view.version == 11) {
            if (limits_.refuse_expect || !equal_ignoring_case(expect->value, "100-continue")) {
                return fail(417, "the expectation cannot be met", error);
            }
            expect_continue = true;
        }
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           error_code& error) override {
        if (length && *length > limits_.body_bytes) fail(413, "the body is too long", error);
    }

    std::size_t take(std::string_view bytes, error_code& error) {
        received_ += bytes.size();
        if (received_ > limits_.body_bytes) {
            fail(413, "the body is too long", error);
            return 0;
        }
        if (keep_body_) body_.append(bytes);
        return bytes.size();
    }

    std::size_t on_body_impl(boost::beast::string_view bytes, error_code& error) override {
        return take(to_std(bytes), error);
    }

    void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view extensions,
                              error_code& error) override {
        if (size > limits_.body_bytes) return fail(413, "the body is too long", error);
        if (extensions.size() > 256 || ++chunks_ > 4096) fail(400, "the chunking is absurd", error);
    }

    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes,
                                   error_code& error) override {
        return take(to_std(bytes), error);
    }

    void on_finish_impl(error_code&) override {}

    const request_limits& limits_;
    bool keep_body_;
    std::vector<field>& fields_;
    std::string& body_;
    std::string_view block_;
    bool header_done_ = false;
    std::size_t received_ = 0;
    std::size_t chunks_ = 0;
};

}  // namespace

struct request_parser::implementation {
    implementation(request_limits chosen, bool bodies) : limits(chosen), keep_body(bodies) {
        fields.reserve(16);
        parser.emplace(limits, keep_body, fields, body);
    }

    progress fail(unsigned status, std::string_view reason) {
        failure = status;
        why = reason;
        parser->view.fields = fields;
        return {state::failed, 0};
    }

    /// Looks for the empty line that ends the header block. Returns its end, 0 when it has not come
    /// yet, npos with `why` when a line is no line.
    std::size_t find_header_end(std::string_view bytes) {
        for (std::size_t at = scanned; at < bytes.size(); ++at) {
            const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
            if (!found) break;
            at = std::size_t(static_cast<const char*>(found) - bytes.data());
            if (at == 0 || bytes[at - 1] != '\r') {
                why = "a line ends without CR";
                return std::string_view::npos;
            }
            // Beast joins folded lines; RFC 9112 §5.2 lets us refuse them.
            if (bytes[line_begin] == ' ' || bytes[line_begin] == '\t') {
                why = "folded header lines are not accepted";
                return std::string_view::npos;
            }
            line_begin = at + 1;
            if (at >= 3 && bytes[at - 2] == '\n') return at + 1;
        }
        scanned = bytes.size();
        return 0;
    }

    progress feed(std::string_view bytes) {
        std::size_t skipped = 0;
        std::string_view header;
        if (!header_done) {
            // RFC 9112 §2.2: empty lines before the request line are ignored, but not without end.
            while (bytes.substr(0, 2) == "\r\n") {
                bytes.remove_prefix(2);
                skipped += 2;
                if (++empty_lines > most_empty_lines) {
                    return fail(400, "there are too many empty lines before the request");
                }
            }
            if (skipped != 0) scanned = 0;
            const std::size_t end = find_header_end(bytes);
            if (end == std::string_view::npos) return fail(400, why);
            if (end > limits.header_bytes || (end == 0 && bytes.size() > limits.header_bytes)) {
                const bool one_line = bytes.substr(0, limits.target_bytes).find('\n') == bytes.npos;
                return one_line ? fail(414, "the request target is too long")
                                : fail(431, "the header is too long");
            }
            // Nothing but empty lines is consumed before the header is whole: the caller keeps it
            // in one piece.
            if (end == 0) return {state::need_more, skipped};
            header = bytes.substr(0, end);
            parser->set_header_block(header);
        }
        std::size_t used = 0;
        while (true) {
            // The last chunk takes five bytes at least. Beast asserts that it is not asked to go on
            // with fewer once it has seen the size: "0\r\n", then "\r", then "\n".
            if (header_done && parser->chunked() && bytes.size() - used < last_chunk_size) {
                return {state::need_more, skipped + used};
            }
            error_code error;
            used += parser->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used),
                                error);
            if (!header_done && parser->is_header_done()) {
                header_done = true;
                // Before the client has sent any of it.
                const auto length = parser->content_length();
                if (length && *length > limits.body_bytes) return fail(413, "the body is too long");
            }
            if (error == beast_http::error::need_more || (!error && !parser->is_done())) {
                if (!error && used < bytes.size()) continue;
                return {state::need_more, skipped + used};
            }
            if (error) {
                if (parser->failure != 0) return fail(parser->failure, parser->why);
                const auto first_line = header.substr(0, header.find("\r\n"));
                if (error == beast_http::error::bad_version && names_a_version(first_line)) {
                    return fail(505, "the HTTP version must be 1.0 or 1.1");
                }
                return fail(400, "the request is not HTTP");
            }
            parser->view.body = body;
            return {state::complete, skipped + used};
        }
    }

    request_limits limits;
    bool keep_body;
    std::vector<field> fields;
    std::string body;
    std::optional<collector> parser;
    std::size_t scanned = 0;
    std::size_t line_begin = 0;
    std::size_t empty_lines = 0;
    bool header_done = false;
    unsigned failure = 0;
    std::string_view why;
};

request_parser::request_parser(request_limits limits, bool keep_body)
    : self_(std::make_unique<implementation>(limits, keep_body)) {}
request_parser::~request_parser() = default;
request_parser::request_parser(request_parser&&) noexcept = default;

request_parser::progress request_parser::feed(std::string_view bytes) {
    return self_->feed(bytes);
}

bool request_parser::header_complete() const {
    return self_->header_done;
}

bool request_parser::take_expect_continue() {
    return std::exchange(self_->parser->expect_continue, false);
}

const request& request_parser::current() const {
    return self_->parser->view;
}

unsigned request_parser::failure_status() const {
    return self_->failure;
}

std::string_view request_parser::failure_reason() const {
    return self_->why;
}

std::size_t request_parser::body_memory() const {
    return self_->body.capacity();
}

void request_parser::reset() {
    self_->fields.clear();
    self_->body.clear();
    if (self_->body.capacity() > kept_body_memory) self_->body.shrink_to_fit();
    self_->parser.emplace(self_->limits, self_->keep_body, self_->fields, self_->body);
    self_->scanned = 0;
    self_->line_begin = 0;
    self_->empty_lines = 0;
    self_->header_done = false;
    self_->failure = 0;
    self_->why = {};
}

}  // namespace http
