#include "policy/unicode.hpp"

namespace policy {

namespace {

bool between(char32_t c, char32_t low, char32_t high) {
    return c >= low && c <= high;
}

char32_t lower(char32_t c) {
    if (c < 0x80) return between(c, 'A', 'Z') ? c + 32 : c;
    // Ranges in which each capital is directly followed by its small letter.
    const bool even_pairs = between(c, 0x100, 0x12f) || between(c, 0x132, 0x137) ||
                            between(c, 0x14a, 0x177) || between(c, 0x460, 0x481) ||
                            between(c, 0x48a, 0x4bf) || between(c, 0x4d0, 0x52f) ||
                            between(c, 0x1e00, 0x1e95) || between(c, 0x1ea0, 0x1eff);
    if (even_pairs) return c | 1;
    const bool odd_pairs = between(c, 0x139, 0x148) || between(c, 0x179, 0x17e);
    if (odd_pairs) return c + (c & 1);
    if (between(c, 0xc0, 0xde) && c != 0xd7) return c + 32;
    if (between(c, 0x391, 0x3ab) && c != 0x3a2) return c + 32;
    if (between(c, 0x388, 0x38a)) return c + 37;
    if (between(c, 0x38e, 0x38f)) return c + 63;
    if (between(c, 0x400, 0x40f)) return c + 80;
    if (between(c, 0x410, 0x42f)) return c + 32;
    if (between(c, 0x531, 0x556)) return c + 48;
    if (between(c, 0xff21, 0xff3a)) return c + 32;
    if (between(c, 0x10400, 0x10427)) return c + 40;
    switch (c) {
        case 0x178:
            return 0xff;
        case 0x386:
            return 0x3ac;
        case 0x38c:
            return 0x3cc;
        case 0x2126:
            return 0x3c9;
        case 0x212a:
            return 'k';
        case 0x212b:
            return 0xe5;
        default:
            return c;
    }
}

}  // namespace

code_point decode_utf8(std::string_view text) {
    if (text.empty()) return {};
    const auto byte = [&](std::size_t i) { return char32_t(std::uint8_t(text[i])); };
    const char32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
    char32_t value = first & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        value = (value << 6) | (byte(i) & 0x3f);
    }
    const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
    if (overlong || between(value, 0xd800, 0xdfff) || value > 0x10ffff) return {};
    return {value, size};
}

void append_utf8(char32_t value, std::string& out) {
    if (value < 0x80) {
        out.push_back(char(value));
    } else if (value < 0x800) {
        out.push_back(char(0xc0 | (value >> 6)));
        out.push_back(char(0x80 | (value & 0x3f)));
    } else if (value < 0x10000) {
        out.push_back(char(0xe0 | (value >> 12)));
        out.push_back(char(0x80 | ((value >> 6) & 0x3f)));
        out.push_back(char(0x80 | (value & 0x3f)));
    } else {
        out.push_back(char(0xf0 | (value >> 18)));
        out.push_back(char(0x80 | ((value >> 12) & 0x3f)));
        out.push_back(char(0x80 | ((value >> 6) & 0x3f)));
        out.push_back(char(0x80 | (value & 0x3f)));
    }
}

bool is_ascii(std::string_view text) {
    for (const char c : text) {
        if (std::uint8_t(c) >= 0x80) return false;
    }
    return true;
}

std::size_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = std::uint8_t(c);
        if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
}

std::string lower_case(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const code_point next = decode_utf8(text);
        if (next.size == 0) {
            out.push_back(text.front());
            text.remove_prefix(1);
            continue;
        }
        append_utf8(lower(next.value), out);
        text.remove_prefix(next.size);
    }
    return out;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const code_point x = decode_utf8(a);
        const code_point y = decode_utf8(b);
        const bool same = x.size == 0 || y.size == 0 ? x.size == y.size && a.front() == b.front()
                                                     : lower(x.value) == lower(y.value);
        if (!same) return false;
        a.remove_prefix(x.size == 0 ? 1 : x.size);
        b.remove_prefix(y.size == 0 ? 1 : y.size);
    }
    return a.empty() && b.empty();
}

}  // namespace policy
