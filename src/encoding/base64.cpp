#include "encoding/base64.hpp"

#include <array>
#include <cstdint>

namespace encoding {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view hex_alphabet = "0123456789abcdef";

using reverse_table = std::array<std::int8_t, 256>;

constexpr reverse_table reverse(std::string_view alphabet) {
    reverse_table table{};
    for (auto& entry : table) {
        entry = -1;
    }
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}

constexpr reverse_table hex_values() {
    reverse_table table = reverse(hex_alphabet);
    for (int i = 0; i < 6; ++i) {
        table[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
    }
    return table;
}

constexpr reverse_table standard_values = reverse(standard_alphabet);
constexpr reverse_table url_values = reverse(url_alphabet);
constexpr reverse_table base32_values = reverse(base32_alphabet);
constexpr reverse_table hex_digit_values = hex_values();

// Base 64 and base 32 are one algorithm with groups of 6 and 5 bits.
template <unsigned Bits>
std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string out;
    out.reserve((bytes.size() * 8 + Bits - 1) / Bits + 3);
    std::uint32_t window = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        window = (window << 8) | static_cast<unsigned char>(c);
        held += 8;
        while (held >= Bits) {
            held -= Bits;
            out += alphabet[(window >> held) & ((1u << Bits) - 1)];
        }
        window &= (1u << held) - 1;
    }
    if (held > 0) out += alphabet[(window << (Bits - held)) & ((1u << Bits) - 1)];
    return out;
}

// Messages never quote the text: it may be a key or a token.
template <unsigned Bits>
base::result<std::string> decode(std::string_view text, const reverse_table& values,
                                 const char* name) {
    std::string out(text.size() * Bits / 8, '\0');
    char* at = out.data();
    std::uint32_t window = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) return base::invalid(std::string(name) + ": character outside the alphabet");
        window = (window << Bits) | static_cast<std::uint32_t>(value);
        held += Bits;
        if (held >= 8) {
            held -= 8;
            *at++ = static_cast<char>((window >> held) & 0xFF);
        }
        window &= (1u << held) - 1;
    }
    // A whole unused character, or bits set that no encoder writes: two texts would mean one value.
    if (held >= Bits) return base::invalid(std::string(name) + ": wrong length");
    if (window != 0) return base::invalid(std::string(name) + ": stray bits in the last character");
    return out;
}

// Removes the padding when it is the right one; false when it is not.
bool strip_padding(std::string_view& text) {
    if (text.size() % 4 != 0) return false;
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) {
        text.remove_suffix(1);
    }
    return true;
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out = encode<6>(bytes, standard_alphabet);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string base64url(std::string_view bytes, bool padded) {
    std::string out = encode<6>(bytes, url_alphabet);
    if (padded) out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

base::result<std::string> decode_base64(std::string_view text) {
    if (!strip_padding(text)) return base::invalid("base64: wrong padding");
    return decode<6>(text, standard_values, "base64");
}

base::result<std::string> decode_base64url(std::string_view text) {
    if (!text.empty() && text.back() == '=' && !strip_padding(text)) {
        return base::invalid("base64url: wrong padding");
    }
    return decode<6>(text, url_values, "base64url");
}

std::string hex(std::string_view bytes) {
    std::string out(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        out[2 * i] = hex_alphabet[byte >> 4];
        out[2 * i + 1] = hex_alphabet[byte & 15];
    }
    return out;
}

base::result<std::string> decode_hex(std::string_view text) {
    if (text.size() % 2 != 0) return base::invalid("hex: odd number of digits");
    std::string out(text.size() / 2, '\0');
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_digit_values[static_cast<unsigned char>(text[2 * i])];
        const int low = hex_digit_values[static_cast<unsigned char>(text[2 * i + 1])];
        if (high < 0 || low < 0) return base::invalid("hex: not a hexadecimal digit");
        out[i] = static_cast<char>((high << 4) | low);
    }
    return out;
}

std::string base32(std::string_view bytes) {
    return encode<5>(bytes, base32_alphabet);
}

base::result<std::string> decode_base32(std::string_view text) {
    return decode<5>(text, base32_values, "base32");
}

}  // namespace encoding
