#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "audit/descriptor.hpp"
#include "base/error.hpp"

namespace audit {

/// Takes text apart into lines, as it comes. No line grows beyond `longest_line`: what is more of
/// it is dropped.
class line_splitter {
public:
    /// Text that follows what was given before.
    void give(std::string_view text);
    /// False: there is no whole line yet. The view lives until the next call.
    bool next(std::string_view& line);
    /// What follows the last newline.
    std::string_view rest() const { return std::string_view(text_).substr(begin_); }

private:
    std::string text_;
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
};

/// The lines of a file, from its beginning.
class line_reader {
public:
    static base::result<line_reader> open(const std::string& path);
    /// Before anything is read: goes on there.
    base::result<void> move_to(off_t position);

    enum class state { line, end };
    /// end: no further whole line is there now; more may come.
    base::result<state> next(std::string_view& line);
    std::string_view rest() const { return lines_.rest(); }
    /// Bytes of the file that have been read.
    off_t position() const { return position_; }
    int descriptor_number() const { return fd_.get(); }
    const std::string& path() const { return path_; }

private:
    line_reader(std::string path, descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    descriptor fd_;
    off_t position_ = 0;
    line_splitter lines_;
};

}  // namespace audit
