#include "host/hex.hpp"

namespace host {

namespace {

constexpr std::string_view digits_of_hex = "0123456789abcdef";

}  // namespace

char* put_hex(std::string_view bytes, char* out) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *out++ = digits_of_hex[byte >> 4];
        *out++ = digits_of_hex[byte & 15];
    }
    return out;
}

std::string hex_text(std::string_view bytes) {
    std::string text(bytes.size() * 2, '\0');
    put_hex(bytes, text.data());
    return text;
}

bool get_hex(std::string_view digits, char* out) {
    if (digits.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = digits_of_hex.find(digits[i]);
        const auto low = digits_of_hex.find(digits[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return false;
        *out++ = static_cast<char>(high * 16 + low);
    }
    return true;
}

}  // namespace host
