#pragma once

#include <optional>
#include <string>

#include "audit/chain.hpp"
#include "audit/descriptor.hpp"
#include "base/error.hpp"

namespace audit {

/// Remembers the last link of the chain apart from the log, so that a log whose end was cut off is
/// found out. Written in place after each group that is durable, without a flush of its own: what
/// it names is always on the disk, and after a loss of power it may be older than the log, never
/// newer.
class head_file {
public:
    /// Makes the file, mode 0600, when there is none.
    static base::result<head_file> open(const std::string& path);
    /// What was kept. None: nothing yet. Invalid: the content is not ours.
    base::result<std::optional<link>> read() const;
    /// False: it stays as old as it is, which is safe.
    bool write(const link& last);

    /// For those who only look. None: there is no such file, or nothing in it.
    static base::result<std::optional<link>> look(const std::string& path);

private:
    head_file(std::string path, descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    descriptor fd_;
};

}  // namespace audit
