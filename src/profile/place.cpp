#include "profile/place.hpp"

#include <algorithm>
#include <vector>

namespace profile {

namespace {

constexpr std::size_t longest_host_name = 253;  // RFC 1035, in text form

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// "southeast" -> "se"; any other word is shortened to its first letter.
std::string direction_code(std::string_view word) {
    for (const std::string_view first : {"north", "south"}) {
        if (word.size() > first.size() && word.substr(0, first.size()) == first)
            return {first[0], word[first.size()]};
    }
    return word.empty() ? std::string() : std::string(1, word[0]);
}

}  // namespace

std::string region_of_zone(std::string_view zone) {
    // The region ends with the first part that is a number, and a zone's letter may follow it.
    std::string region;
    for (const auto part : parts_of(zone, '-')) {
        if (!region.empty()) region += '-';
        const auto digits =
            std::size_t(std::find_if_not(part.begin(), part.end(), is_digit) - part.begin());
        if (digits > 0 && !region.empty()) {
            const auto rest = part.substr(digits);
            const bool letter = rest.size() == 1 && is_lower(rest[0]);
            if (!rest.empty() && !letter) return {};
            return region + std::string(part.substr(0, digits));
        }
        region += part;
    }
    return {};
}

std::string zone_id_of(std::string_view region, std::string_view zone) {
    const auto words = parts_of(region, '-');
    std::string id(words.front());
    for (std::size_t i = 1; i < words.size(); ++i) {
        const bool number = !words[i].empty() && is_digit(words[i][0]);
        id += number ? std::string(words[i]) : direction_code(words[i]);
    }
    std::string_view within =
        zone.substr(0, region.size()) == region ? zone.substr(region.size()) : std::string_view{};
    int number = 1;
    if (!within.empty() && is_lower(within.back())) {
        number = within.back() - 'a' + 1;
        within.remove_suffix(1);
    }
    // Local zones: us-west-2-lax-1a -> usw2-lax1-az1.
    if (within.size() > 1) {
        id += '-';
        std::copy_if(within.begin(), within.end(), std::back_inserter(id),
                     [](char c) { return c != '-'; });
    }
    return id + "-az" + std::to_string(number);
}

std::string private_domain(std::string_view region) {
    if (region == "us-east-1") return "ec2.internal";
    return std::string(region) + ".compute.internal";
}

std::string private_name(std::string_view hostname, std::string_view local_ipv4,
                         std::string_view region) {
    std::string name;
    for (const char c : hostname) {
        const char lower = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
        const bool kept = is_lower(lower) || is_digit(lower) || lower == '-' || lower == '.';
        name += kept ? lower : '-';
    }
    while (!name.empty() && (name.back() == '.' || name.back() == '-'))
        name.pop_back();
    name.erase(0, std::min(name.find_first_not_of("-."), name.size()));
    if (name.empty() || name == "localhost" || name.rfind("localhost.", 0) == 0 ||
        name.size() > longest_host_name) {
        name = "ip-" + std::string(local_ipv4);
        std::replace(name.begin(), name.end(), '.', '-');
    }
    return with_domain(std::move(name), region);
}

std::string with_domain(std::string name, std::string_view region) {
    if (name.find('.') == std::string::npos) name += "." + private_domain(region);
    return name;
}

std::string public_name(std::string_view public_ipv4, std::string_view region,
                        std::string_view services_domain) {
    std::string name = "ec2-" + std::string(public_ipv4);
    std::replace(name.begin(), name.end(), '.', '-');
    if (region == "us-east-1")
        name += ".compute-1.";
    else
        name += "." + std::string(region) + ".compute.";
    return name + std::string(services_domain);
}

}  // namespace profile
