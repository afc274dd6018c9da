#include "sts/session/byte_codec.hpp"

namespace sts {

void put_text(std::string& out, std::string_view text) {
    out.push_back(char(text.size() >> 8));
    out.push_back(char(text.size() & 0xff));
    out.append(text);
}

void put_time(std::string& out, base::wall_time time) {
    const auto value = std::uint64_t(time.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(char((value >> shift) & 0xff));
}

std::string_view byte_reader::take(std::size_t size) {
    if (rest_.size() < size) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

std::uint64_t byte_reader::number(std::size_t size) {
    std::uint64_t out = 0;
    for (const char c : take(size))
        out = (out << 8) | std::uint8_t(c);
    return out;
}

}  // namespace sts
