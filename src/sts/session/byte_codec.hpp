#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sts {

/// Numbers are big-endian; a text has its length before it, in two bytes.
void put_text(std::string& out, std::string_view text);
void put_time(std::string& out, base::wall_time time);

/// Reads what the functions above wrote; `ok` stays false after the first bad byte.
class byte_reader {
public:
    explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t size);
    std::uint64_t number(std::size_t size);
    std::string text() { return std::string(take(number(2))); }
    base::wall_time time() { return base::wall_time(base::milliseconds(std::int64_t(number(8)))); }
    bool at_end() const { return rest_.empty(); }
    bool complete() const { return ok_ && rest_.empty(); }
    bool ok() const { return ok_; }

private:
    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace sts
