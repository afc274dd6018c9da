#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/line_reader.hpp"

namespace audit {

/// Reads the end of a log, and what comes after it, over rotations.
class log_follower {
public:
    using take_line = std::function<void(std::string_view)>;

    /// Hands over the last `lines` lines, oldest first, of the log and the files before it. Lines
    /// that are not whole yet come later.
    static base::result<log_follower> open(const std::string& log, std::size_t lines,
                                           const take_line& take);
    /// Hands over the lines that have come since.
    base::result<void> poll(const take_line& take);

private:
    log_follower(std::string log, line_reader current)
        : log_(std::move(log)), current_(std::move(current)) {}
    base::result<bool> replace_current();

    std::string log_;
    line_reader current_;
    /// Renamed, and perhaps still written to by who has not been told yet.
    std::vector<line_reader> before_;
};

}  // namespace audit
