#include "audit/lines_backwards.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include "audit/chain.hpp"

namespace audit {

bool lines_backwards::next(std::string& line) {
    while (!done_) {
        const auto newline = text_.rfind('\n');
        if (newline != std::string::npos) {
            line.assign(text_, newline + 1);
            text_.resize(newline);
            return true;
        }
        if (begin_ == 0) {
            line = std::move(text_);
            done_ = true;
            return true;
        }
        if (text_.size() > longest_line || !read_more()) done_ = true;
    }
    return false;
}

bool lines_backwards::read_more() {
    constexpr off_t piece = 64 * 1024;
    const off_t size = std::min(piece, begin_);
    std::string more(std::size_t(size), '\0');
    const ssize_t got = ::pread(fd_, more.data(), more.size(), begin_ - size);
    if (got != size) {
        error_ = got < 0 ? errno : EIO;
        return false;
    }
    begin_ -= size;
    text_.insert(0, more);
    return true;
}

}  // namespace audit
