#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/request_parser.hpp"
#include "http/target.hpp"

namespace {

/// What was accepted is lines of names and values: no folded line, no bare CR or LF, no NUL.
void check_fields(const http::request& request) {
    for (const http::field& f : request.fields) {
        if (f.name.empty() || f.name.find_first_of(" \t\r\n:") != f.name.npos) std::abort();
        if (f.value.find_first_of(std::string_view("\r\n\0", 3)) != f.value.npos) std::abort();
    }
    if (request.target.find_first_of(" \t\r\n") != request.target.npos) std::abort();
    const bool has_length = request.count("Content-Length") != 0;
    if (has_length && request.count("Transfer-Encoding") != 0) std::abort();
}

}  // namespace

/// Whatever arrives, in whatever pieces: the parser never reads outside its input, and a request
/// that is complete in one piece is the same request when it comes byte by byte, and ends at the
/// same place when its body is dropped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using state = http::request_parser::state;
    const std::string input(reinterpret_cast<const char*>(data), size);
    http::request_limits limits;
    limits.header_bytes = 2048;
    limits.target_bytes = 512;
    limits.body_bytes = 1024;

    http::request_parser whole(limits, true);
    const auto at_once = whole.feed(input);

    http::request_parser pieces(limits, true);
    std::size_t begin = 0;
    state status = state::need_more;
    for (std::size_t end = 1; end <= input.size() && status == state::need_more; ++end) {
        const auto progress = pieces.feed(std::string_view(input).substr(begin, end - begin));
        begin += progress.consumed;
        status = progress.status;
    }
    if (at_once.status == state::complete) {
        if (status != state::complete || begin != at_once.consumed) std::abort();
        if (whole.current().target != pieces.current().target) std::abort();
        if (whole.current().body != pieces.current().body) std::abort();
        if (whole.current().fields.size() > limits.fields) std::abort();
        check_fields(whole.current());
        http::request_parser dropping(limits, false);
        const auto dropped = dropping.feed(input);
        if (dropped.status != state::complete || dropped.consumed != at_once.consumed) std::abort();
        if (!dropping.current().body.empty()) std::abort();

        http::path_segments path;
        if (const auto target = http::split_target(whole.current().target)) {
            http::split_path(target->path, path);
            for (std::size_t i = 0; i < path.size && !path.unroutable; ++i) {
                const auto segment = path.segment[i];
                if (segment == ".." || segment == "." || segment.empty() ||
                    segment.find('/') != segment.npos) {
                    std::abort();
                }
            }
        }
        if (const http::field* host = whole.current().find("Host")) {
            static_cast<void>(http::split_host(host->value));
        }
    }
    return 0;
}
