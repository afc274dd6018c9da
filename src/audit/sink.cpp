#include "audit/sink.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <climits>

namespace audit {
namespace {

/// A pipe or terminal that nobody reads must not hold the writer thread for ever.
constexpr int longest_stall_ms = 1000;

base::error failure(const char* what, int code) {
    return base::unavailable(std::string("audit log: ") + what + ": " +
                             std::generic_category().message(code));
}

off_t size_of(int fd) {
    struct stat facts {};
    return ::fstat(fd, &facts) == 0 ? facts.st_size : -1;
}

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), owned_(std::exchange(other.owned_, false)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(owned_, other.owned_);
    return *this;
}

descriptor::~descriptor() {
    if (owned_ && fd_ >= 0) ::close(fd_);
}

base::result<sink> sink::open(const std::string& output) {
    sink s;
    s.output_ = output;
    if (const auto opened = s.reopen(); opened.has_error()) return opened.error();
    return s;
}

base::result<void> sink::reopen() {
    if (output_ == "stdout") {
        if (fd_.get() >= 0) return {};
        return attach(descriptor(STDOUT_FILENO, false));
    }
    // Reading is needed to see whether the last line is whole. O_NONBLOCK: a FIFO without a reader
    // is an error and not a hang; it means nothing for files.
    const int fd =
        ::open(output_.c_str(),
               O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
               S_IRUSR | S_IWUSR);
    if (fd < 0) return failure(("cannot open " + output_).c_str(), errno);
    return attach(descriptor(fd, true));
}

base::result<void> sink::attach(descriptor fd) {
    struct stat facts {};
    if (::fstat(fd.get(), &facts) != 0) return failure("fstat", errno);
    const bool device = S_ISCHR(facts.st_mode);
    if (output_ != "stdout" && !S_ISREG(facts.st_mode) && !device) {
        return base::invalid("audit log: " + output_ + " is neither a file nor a device");
    }
    if (failed_) leave_whole_lines();
    fd_ = std::move(fd);
    regular_ = S_ISREG(facts.st_mode);
    end_ = facts.st_size;
    replaced_ = true;
    return {};
}

bool sink::is_deleted() const {
    struct stat facts {};
    return regular_ && output_ != "stdout" && ::fstat(fd_.get(), &facts) == 0 &&
           facts.st_nlink == 0;
}

bool sink::ends_inside_line() const {
    if (!regular_) return false;
    const off_t size = size_of(fd_.get());
    if (size <= 0) return false;
    char last = '\n';
    // stdout may be open for writing only: then nobody can tell, and a blank line does no harm.
    if (::pread(fd_.get(), &last, 1, size - 1) != 1) return failed_;
    return last != '\n';
}

/// Before the file is changed for another in the middle of a text.
void sink::leave_whole_lines() {
    done_ -= cut_;
    if (!regular_) return;
    if (cut_ != 0 && size_of(fd_.get()) == end_) {
        // A file that may only be appended to refuses; the fragment then stays at its end.
        [[maybe_unused]] const int ignored =
            ::ftruncate(fd_.get(), end_ - static_cast<off_t>(cut_));
    }
    cut_ = 0;
    if (::fdatasync(fd_.get()) != 0) done_ = 0;
}

base::result<void> sink::resume() {
    const bool untouched = !replaced_ && (!regular_ || size_of(fd_.get()) == end_);
    if (!untouched) {
        done_ -= std::exchange(cut_, 0);
        if (ends_inside_line()) {
            std::size_t written = 0;
            if (auto ended = put("\n", written); ended.has_error()) return ended;
        }
    }
    if (!untouched || !failed_) start_ = regular_ ? size_of(fd_.get()) : 0;
    replaced_ = false;
    return {};
}

base::result<void> sink::put(std::string_view bytes, std::size_t& written) {
    // Short pieces into pipes and terminals: what poll promises is room for that much.
    const std::size_t piece = regular_ ? bytes.size() : PIPE_BUF;
    while (written < bytes.size()) {
        if (!regular_) {
            pollfd ready{fd_.get(), POLLOUT, 0};
            const int n = ::poll(&ready, 1, longest_stall_ms);
            if (n == 0) return base::unavailable("audit log: nobody reads it");
            if (n < 0 && errno != EINTR) return failure("poll", errno);
            if (n < 0) continue;
        }
        const ssize_t n =
            ::write(fd_.get(), bytes.data() + written, std::min(piece, bytes.size() - written));
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) return failure("write", errno);
        if (n == 0) return failure("write", ENOSPC);
        written += static_cast<std::size_t>(n);
        // With O_APPEND the offset is the end of what was written, whoever else writes.
        if (regular_) end_ = ::lseek(fd_.get(), 0, SEEK_CUR);
    }
    return {};
}

base::result<void> sink::append(std::string_view lines) {
    std::size_t written = 0;
    const auto result = put(lines.substr(done_), written);
    done_ += written;
    const std::size_t newline = lines.substr(0, done_).rfind('\n');
    cut_ = newline == std::string_view::npos ? done_ : done_ - newline - 1;
    return result;
}

/// After a failed fdatasync the kernel takes the pages for clean, and a second call would succeed
/// without having written them (fsync(2), NOTES). So the text is written anew: taken back first
/// where the end of the file is still ours, else it appears twice, with the same event ids.
base::result<void> sink::flush() {
    if (!regular_ || ::fdatasync(fd_.get()) == 0) return {};
    const int why = errno;
    if (why == EINVAL || why == EROFS) return {};  // a file system that has no notion of it
    if (size_of(fd_.get()) == end_ && ::ftruncate(fd_.get(), start_) == 0) end_ = start_;
    done_ = 0;
    return failure("fdatasync", why);
}

base::result<void> sink::write(std::string_view lines) {
    base::result<void> outcome = is_deleted() ? reopen() : base::result<void>();
    if (outcome) outcome = resume();
    if (outcome) outcome = append(lines);
    if (outcome) outcome = flush();
    failed_ = outcome.has_error();
    if (!failed_) done_ = cut_ = 0;
    return outcome;
}

}  // namespace audit
