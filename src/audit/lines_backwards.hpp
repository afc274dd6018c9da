#pragma once

#include <string>
#include <sys/types.h>

namespace audit {

/// Reads a file's lines from its end: first what follows the last newline, which may be nothing.
class lines_backwards {
public:
    /// The descriptor stays the caller's. `size`: how much of the file counts.
    lines_backwards(int fd, off_t size) : fd_(fd), begin_(size) {}

    /// Without newline. False: no more, or a line is longer than `longest_line`, or `error`.
    bool next(std::string& line);
    int error() const { return error_; }  ///< errno; 0: none

private:
    bool read_more();

    const int fd_;
    off_t begin_;
    std::string text_;
    bool done_ = false;
    int error_ = 0;
};

}  // namespace audit
