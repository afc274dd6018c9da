#include "config/instance_forms.hpp"

#include <algorithm>

#include "base/ip_address.hpp"

namespace config {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

constexpr std::size_t longest_host_name = 253;
constexpr std::size_t longest_label = 63;

/// RFC 1123 §2.1: letters, digits and, inside, hyphens.
bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= longest_label && text.front() != '-' &&
           text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || is_digit(c) || c == '-';
           });
}

bool is_block(std::string_view text) {
    return text.find('/') != std::string_view::npos && base::ip_network::parse(text).has_value();
}

}  // namespace

bool is_resource_id(std::string_view text, std::string_view kind) {
    if (!text.starts_with(kind) || text.substr(kind.size(), 1) != "-") return false;
    const auto digits = text.substr(kind.size() + 1);
    return (digits.size() == 8 || digits.size() == 17) && is_hex(digits);
}

bool is_word(std::string_view text) {
    return text.size() <= longest_instance_value &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_path_word(std::string_view text) {
    return is_word(text) && !text.empty() && text.find('/') == std::string_view::npos &&
           text != "." && text != "..";
}

bool is_one_line(std::string_view text) {
    return text.size() <= longest_instance_value &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

bool is_host_name(std::string_view text) {
    if (text.size() > longest_host_name) return false;
    for (;;) {
        const auto dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_mac(std::string_view text) {
    if (text.size() != 17) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 3 == 2 ? text[i] != ':' : !is_hex(text.substr(i, 1))) return false;
    }
    return true;
}

bool is_ipv4(std::string_view text) {
    const auto address = base::ip_address::parse(text);
    return address && address->is_v4() && address->text() == text;
}

bool is_ipv6(std::string_view text) {
    const auto address = base::ip_address::parse(text);
    return address && !address->is_v4();
}

bool is_ipv4_block(std::string_view text) {
    return text.find(':') == std::string_view::npos && is_block(text);
}

bool is_ipv6_block(std::string_view text) {
    return text.find(':') != std::string_view::npos && is_block(text);
}

std::string canonical_ipv6(std::string_view text) {
    if (is_ipv6_block(text)) return base::ip_network::parse(text)->text();
    if (is_ipv6(text)) return base::ip_address::parse(text)->text();
    return std::string(text);
}

bool is_block_device_name(std::string_view text) {
    if (text == "ami" || text == "root" || text == "swap") return true;
    for (const std::string_view kind : {"ebs", "ephemeral"}) {
        if (!text.starts_with(kind)) continue;
        const auto number = text.substr(kind.size());
        return !number.empty() && number.size() <= 2 &&
               std::all_of(number.begin(), number.end(), is_digit) &&
               (number.size() == 1 || number[0] != '0');
    }
    return false;
}

}  // namespace config
