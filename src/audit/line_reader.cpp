#include "audit/line_reader.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "audit/chain.hpp"

namespace audit {
namespace {

constexpr std::size_t piece = 64 * 1024;

base::error failure(const std::string& path, int code) {
    return base::unavailable(path + ": " + std::generic_category().message(code));
}

}  // namespace

void line_splitter::give(std::string_view text) {
    text_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    // A line that is too long stays so, and its end is still seen.
    if (text_.size() > longest_line && text_.find('\n', searched_) == std::string::npos) {
        text_.resize(longest_line + 1);
        searched_ = text_.size();
    }
    text_ += text;
}

bool line_splitter::next(std::string_view& line) {
    const std::size_t newline = text_.find('\n', searched_);
    if (newline == std::string::npos) {
        searched_ = text_.size();
        return false;
    }
    line = std::string_view(text_).substr(begin_, newline - begin_);
    begin_ = searched_ = newline + 1;
    return true;
}

base::result<line_reader> line_reader::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return failure(path, errno);
    descriptor held(fd, true);
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) return failure(path, errno);
    if (!S_ISREG(facts.st_mode)) return base::invalid(path + ": not a file");
    return line_reader(path, std::move(held));
}

base::result<void> line_reader::move_to(off_t position) {
    if (::lseek(fd_.get(), position, SEEK_SET) < 0) return failure(path_, errno);
    position_ = position;
    return {};
}

base::result<line_reader::state> line_reader::next(std::string_view& line) {
    while (!lines_.next(line)) {
        std::array<char, piece> bytes;
        const ssize_t got = ::read(fd_.get(), bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure(path_, errno);
        if (got == 0) return state::end;
        position_ += off_t(got);
        lines_.give(std::string_view(bytes.data(), std::size_t(got)));
    }
    return state::line;
}

}  // namespace audit
