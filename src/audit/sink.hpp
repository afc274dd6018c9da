#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/error.hpp"

namespace audit {

/// A file descriptor that is closed with its owner, unless it is one of the process's own (stdout).
class descriptor {
public:
    descriptor() = default;
    descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();
    int get() const { return fd_; }

private:
    int fd_ = -1;
    bool owned_ = false;
};

/// Where lines go. Used by one thread.
///
/// A group of lines is written as one piece. When it is cut short (a full disk), the bytes that are
/// in place stay, and the next try goes on where the last one stopped: the line that was cut is
/// completed, nothing is written twice, and a file that may only be appended to (chattr +a) needs
/// no truncation. Until then its fragment has no newline, so a reader that follows the file does
/// not take it for a record. A fragment that cannot be completed, because the process died or
/// another wrote or truncated the file in between, is ended with a newline before the next line.
class sink {
public:
    /// "stdout" or a path.
    static base::result<sink> open(const std::string& output);

    /// Writes and flushes all of `lines`, which holds whole lines; an earlier failed call must be
    /// repeated with the same text, which may have grown at its end.
    base::result<void> write(std::string_view lines);

    /// Opens the path again. The text of a failed write then starts over in the new file, at the
    /// line that was cut.
    base::result<void> reopen();

private:
    sink() = default;
    base::result<void> attach(descriptor fd);
    void leave_whole_lines();
    base::result<void> resume();
    base::result<void> append(std::string_view lines);
    base::result<void> put(std::string_view bytes, std::size_t& written);
    base::result<void> flush();
    bool ends_inside_line() const;
    /// Nobody could ever read what is written then: the path is opened again.
    bool is_deleted() const;

    std::string output_;
    descriptor fd_;
    bool regular_ = false;
    bool failed_ = false;    ///< the last write
    bool replaced_ = false;  ///< the file, since the last write
    std::size_t done_ = 0;   ///< bytes of the failed text that are in place
    std::size_t cut_ = 0;    ///< how many of them belong to a line that is not whole
    off_t end_ = 0;          ///< of a regular file, after our last byte
    off_t start_ = 0;        ///< of the failed text in it
};

}  // namespace audit
