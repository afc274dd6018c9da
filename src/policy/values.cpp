#include "policy/values.hpp"

#include <charconv>

namespace policy {

namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Takes exactly `width` digits off the front.
bool take_number(std::string_view& text, std::size_t width, int& out) {
    if (text.size() < width || !all_digits(text.substr(0, width))) return false;
    std::from_chars(text.data(), text.data() + width, out);
    text.remove_prefix(width);
    return true;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// "Z", "+hh:mm", "-hhmm", "+hh"
bool take_zone(std::string_view& text, std::chrono::minutes& offset) {
    if (take(text, 'Z')) return true;
    const bool minus = !text.empty() && text.front() == '-';
    if (!minus && (text.empty() || text.front() != '+')) return false;
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!take_number(text, 2, hours)) return false;
    const bool more = take(text, ':') || !text.empty();
    if ((more && !take_number(text, 2, minutes)) || hours > 23 || minutes > 59) return false;
    offset = std::chrono::minutes((minus ? -1 : 1) * (hours * 60 + minutes));
    return true;
}

/// ".123": one to nine digits, of which three count
bool take_fraction(std::string_view& text, int& milliseconds) {
    if (!take(text, '.')) return true;
    int scale = 100;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 9 && text[digits] >= '0' && text[digits] <= '9') {
        milliseconds += scale * (text[digits] - '0');
        scale /= 10;
        ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0;
}

}  // namespace

std::optional<decimal> decimal::parse(std::string_view text) {
    decimal out;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        out.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const auto point = text.find('.');
    std::string_view whole = text.substr(0, point);
    std::string_view fraction;
    if (point != std::string_view::npos) {
        fraction = text.substr(point + 1);
        if (!all_digits(fraction)) return std::nullopt;
    }
    if (!all_digits(whole)) return std::nullopt;
    while (!whole.empty() && whole.front() == '0')
        whole.remove_prefix(1);
    while (!fraction.empty() && fraction.back() == '0')
        fraction.remove_suffix(1);
    out.whole = whole;
    out.fraction = fraction;
    if (whole.empty() && fraction.empty()) out.negative = false;
    return out;
}

int decimal::compare(const decimal& other) const {
    if (negative != other.negative) return negative ? -1 : 1;
    int magnitude = 0;
    if (whole.size() != other.whole.size()) {
        magnitude = whole.size() < other.whole.size() ? -1 : 1;
    } else {
        magnitude = whole.compare(other.whole);
        if (magnitude == 0) magnitude = fraction.compare(other.fraction);
    }
    return negative ? -magnitude : magnitude;
}

std::optional<base::wall_time> parse_date(std::string_view text) {
    constexpr std::size_t longest_epoch = 15;
    if (const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
        all_digits(digits) && digits.size() <= longest_epoch) {
        long long epoch = 0;
        std::from_chars(text.data(), text.data() + text.size(), epoch);
        return base::wall_time(base::seconds(epoch));
    }
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0;
    std::chrono::minutes zone{0};
    if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) ||
        !take(text, '-') || !take_number(text, 2, day))
        return std::nullopt;
    if (!text.empty()) {
        // IAM takes a small t and an hour of one digit.
        if (!(take(text, 'T') || take(text, 't')) ||
            !(take_number(text, 2, hour) || take_number(text, 1, hour)) || !take(text, ':') ||
            !take_number(text, 2, minute))
            return std::nullopt;
        if (take(text, ':') &&
            (!take_number(text, 2, second) || !take_fraction(text, milliseconds)))
            return std::nullopt;
        if (!take_zone(text, zone) || !text.empty()) return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(unsigned(month)),
                                           std::chrono::day(unsigned(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return base::wall_time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) +
           base::milliseconds(milliseconds) - zone;
}

std::optional<address_block> address_block::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = base::ip_address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    address_block block;
    const bool four = address->is_v4();
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        unsigned prefix = 0;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (!all_digits(digits) || failed != std::errc{} || end != digits.data() + digits.size() ||
            prefix > (four ? 32u : 128u))
            return std::nullopt;
        block.prefix_ = prefix + (four ? 96 : 0);
    }
    block.base_ = address->bytes();
    for (unsigned bit = block.prefix_; bit < 128; ++bit) {
        auto& byte = block.base_[bit / 8];
        byte = std::uint8_t(byte & ~(0x80u >> (bit % 8)));
    }
    block.empty_ = !four && block.base_ != address->bytes();
    return block;
}

bool address_block::contains(const base::ip_address& address) const {
    if (empty_) return false;
    const auto& bytes = address.bytes();
    for (unsigned bit = 0; bit < prefix_; bit += 8) {
        const unsigned rest = prefix_ - bit;
        const unsigned mask = rest >= 8 ? 0xffu : (0xff00u >> rest) & 0xffu;
        if ((bytes[bit / 8] & mask) != (base_[bit / 8] & mask)) return false;
    }
    return true;
}

std::optional<arn_fields> split_arn(std::string_view text) {
    arn_fields fields;
    for (std::size_t i = 0; i < 5; ++i) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        fields[i] = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    fields[5] = text;
    return fields;
}

}  // namespace policy
