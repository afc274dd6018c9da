#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include "audit/descriptor.hpp"
#include "audit/output.hpp"
#include "base/error.hpp"

namespace audit {

/// When a file gives way to a new one: it is renamed to "{path}.{n}", n being one more than the
/// highest there is, and of these files the oldest are removed.
struct rotation {
    std::uint64_t size = 0;  ///< no file grows beyond it, but for a group that is larger; 0: never
    std::size_t keep = 10;   ///< files beside the one that is written to; 0: all

    bool operator==(const rotation&) const = default;
};

/// A file, a device, or the process's own standard output.
///
/// A group of lines is written as one piece. When it is cut short (a full disk), the bytes that are
/// in place stay, and the next try goes on where the last one stopped: the line that was cut is
/// completed, nothing is written twice, and a file that may only be appended to (chattr +a) needs
/// no truncation. Until then its fragment has no newline, so a reader that follows the file does
/// not take it for a record. A fragment that cannot be completed, because the process died or
/// another wrote or truncated the file in between, is ended with a newline before the next line.
class sink final : public output {
public:
    /// "stdout" or a path.
    static base::result<sink> open(const std::string& output, rotation rotate = {});

    base::result<void> write(std::string_view lines) override;

    /// Opens the path again. The text of a failed write then starts over in the new file, at the
    /// line that was cut.
    base::result<void> reopen() override;
    /// Of a rotation: the old file then stays in use.
    std::string take_trouble() override { return std::exchange(trouble_, {}); }

private:
    sink() = default;
    base::result<void> attach(descriptor fd);
    void leave_whole_lines();
    base::result<void> resume();
    base::result<void> append(std::string_view lines);
    base::result<void> put(std::string_view bytes, std::size_t& written);
    base::result<void> flush();
    bool ends_inside_line() const;
    bool is_full(std::size_t for_bytes) const;
    bool is_at_its_path() const;
    base::result<void> rotate();
    void remove_oldest();
    base::result<void> sync_directory() const;
    /// Nobody could ever read what is written then: the path is opened again.
    bool is_deleted() const;

    std::string output_;
    rotation rotate_;
    std::string trouble_;
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
