#include "encoding/percent.hpp"

#include <array>
#include <cstdint>

namespace encoding {
namespace {

constexpr char upper_hex[] = "0123456789ABCDEF";

constexpr std::array<bool, 256> unreserved_set() {
    std::array<bool, 256> set{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-_.~")) {
        set[static_cast<unsigned char>(c)] = true;
    }
    return set;
}
constexpr std::array<bool, 256> unreserved = unreserved_set();

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

base::result<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return base::invalid("'%' without two hexadecimal digits at byte " +
                                     std::to_string(i));
            }
            out += static_cast<char>((high << 4) | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            out += ' ';
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

void percent_encode(std::string_view text, std::string& out) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved[byte]) {
            out += c;
        } else {
            const char escaped[3] = {'%', upper_hex[byte >> 4], upper_hex[byte & 15]};
            out.append(escaped, 3);
        }
    }
}

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    percent_encode(text, out);
    return out;
}

base::result<std::string> percent_decode(std::string_view text) {
    return decode(text, false);
}

base::result<std::string> form_decode(std::string_view text) {
    return decode(text, true);
}

}  // namespace encoding
