#include "profile/derived_ids.hpp"

#include <cstdio>

namespace profile {

/// FNV-1a, 64 bit, with the finalizer of SplitMix64 so that short inputs fill all digits.
std::uint64_t derived_number(std::string_view kind, std::string_view seed) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) {
            hash ^= static_cast<unsigned char>(c);
            hash *= 0x100000001b3u;
        }
    };
    add(kind);
    add("/");
    add(seed);
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

std::string derived_id(std::string_view kind, std::string_view seed) {
    char digits[18];
    std::snprintf(digits, sizeof digits, "0%016llx",
                  static_cast<unsigned long long>(derived_number(kind, seed)));
    return std::string(kind) + "-" + digits;
}

std::string derived_mac(std::string_view seed) {
    const std::uint64_t bits = derived_number("mac", seed);
    char text[18];
    std::snprintf(text, sizeof text, "02:%02x:%02x:%02x:%02x:%02x", unsigned(bits & 0xff),
                  unsigned(bits >> 8 & 0xff), unsigned(bits >> 16 & 0xff),
                  unsigned(bits >> 24 & 0xff), unsigned(bits >> 32 & 0xff));
    return text;
}

std::string derived_ipv4(std::string_view seed) {
    const std::uint64_t bits = derived_number("ipv4", seed);
    // The first four and the last address of a subnet are not given to instances.
    return "172.31." + std::to_string(bits % 16) + "." + std::to_string(4 + (bits >> 8) % 251);
}

}  // namespace profile
