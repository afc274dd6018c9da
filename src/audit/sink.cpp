#include "audit/sink.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <climits>

#include "audit/log_files.hpp"

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

base::result<sink> sink::open(const std::string& output, rotation rotate) {
    sink s;
    s.output_ = output;
    s.rotate_ = rotate;
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
    if (auto attached = attach(descriptor(fd, true)); !attached) return attached;
    return regular_ ? sync_directory() : base::result<void>();
}

/// The name of a new file is not on the disk before its directory is.
base::result<void> sink::sync_directory() const {
    const std::filesystem::path folder = std::filesystem::path(output_).parent_path();
    const int fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // One that may be written to and not be listed cannot be opened.
    if (fd < 0)
        return errno == EACCES ? base::result<void>() : failure("open its directory", errno);
    const descriptor held(fd, true);
    if (::fsync(fd) == 0 || errno == EINVAL || errno == EROFS) return {};
    return failure("fsync of its directory", errno);
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

bool sink::is_full(std::size_t for_bytes) const {
    return rotate_.size != 0 && regular_ && !failed_ && output_ != "stdout" && end_ > 0 &&
           std::uint64_t(end_) + for_bytes > rotate_.size;
}

/// Somebody may have renamed it, without telling.
bool sink::is_at_its_path() const {
    struct stat ours {};
    struct stat there {};
    return ::fstat(fd_.get(), &ours) == 0 && ::lstat(output_.c_str(), &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/// One rename: whenever the process ends, each line is in one of the files.
base::result<void> sink::rotate() {
    if (!is_at_its_path()) return reopen();
    const std::vector<earlier_file> before = earlier_files(output_);
    const std::uint64_t number = before.empty() ? 1 : before.back().number + 1;
    const std::string name = output_ + "." + std::to_string(number);
    if (::rename(output_.c_str(), name.c_str()) != 0) return failure("rename", errno);
    auto opened = reopen();
    if (opened.has_error()) {
        // Without overwriting what may have been made there meanwhile.
        if (::link(name.c_str(), output_.c_str()) == 0) ::unlink(name.c_str());
        return opened;
    }
    remove_oldest();
    return {};
}

void sink::remove_oldest() {
    if (rotate_.keep == 0) return;
    const std::vector<earlier_file> all = earlier_files(output_);
    for (std::size_t i = 0; i + rotate_.keep < all.size(); ++i) {
        if (::unlink(all[i].path.c_str()) != 0)
            trouble_ = failure(("cannot remove " + all[i].path).c_str(), errno).message;
    }
}

base::result<void> sink::write(std::string_view lines) {
    if (is_full(lines.size())) {
        if (const auto rotated = rotate(); rotated.has_error()) trouble_ = rotated.error().message;
    }
    base::result<void> outcome = is_deleted() ? reopen() : base::result<void>();
    if (outcome) outcome = resume();
    if (outcome) outcome = append(lines);
    if (outcome) outcome = flush();
    failed_ = outcome.has_error();
    if (!failed_) done_ = cut_ = 0;
    return outcome;
}

}  // namespace audit
