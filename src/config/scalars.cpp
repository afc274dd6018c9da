#include <algorithm>
#include <array>
#include <charconv>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "config/reader.hpp"

namespace config {

namespace {

bool is_decimal(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t kib = 1024;
    if (bytes % (kib * kib * kib) == 0) return std::to_string(bytes / (kib * kib * kib)) + "GiB";
    if (bytes % (kib * kib) == 0) return std::to_string(bytes / (kib * kib)) + "MiB";
    if (bytes % kib == 0) return std::to_string(bytes / kib) + "KiB";
    return std::to_string(bytes);
}

}  // namespace

std::optional<std::string> read_text(const node& value, std::string_view key, report& out) {
    if (!value.is_scalar()) {
        out.error(value.at, quoted(key) + " must be text");
        return std::nullopt;
    }
    if (value.text.empty()) {
        out.error(value.at, quoted(key) + " must not be empty");
        return std::nullopt;
    }
    return value.text;
}

std::optional<bool> read_boolean(const node& value, std::string_view key, report& out) {
    if (value.is_scalar() && value.plain) {
        if (value.text == "true") return true;
        if (value.text == "false") return false;
    }
    out.error(value.at, quoted(key) + " must be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const node& value, std::string_view key,
                                         std::int64_t least, std::int64_t most, report& out) {
    const auto range = std::to_string(least) + " to " + std::to_string(most);
    if (!value.is_scalar() || !value.plain || !is_decimal(value.text)) {
        const bool quotes = value.is_scalar() && !value.plain && is_decimal(value.text);
        out.error(value.at, quoted(key) + " must be a decimal number from " + range +
                                (quotes ? ", without quotes" : ""));
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, failed] = std::from_chars(value.text.data(), end, number);
    if (failed != std::errc{} || stop != end || number < least || number > most) {
        out.error(value.at, quoted(key) + " must be from " + range);
        return std::nullopt;
    }
    return number;
}

std::optional<std::uint64_t> read_size(const node& value, std::string_view key, std::uint64_t least,
                                       std::uint64_t most, report& out) {
    constexpr std::array<std::pair<std::string_view, unsigned>, 4> units{
        {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
    if (value.is_scalar()) {
        const char* end = value.text.data() + value.text.size();
        std::uint64_t number = 0;
        const auto [stop, failed] = std::from_chars(value.text.data(), end, number);
        const std::string_view unit(stop, std::size_t(end - stop));
        for (const auto& [name, shift] : units) {
            if (failed != std::errc{} || unit != name || number > (most >> shift)) continue;
            if (number << shift >= least) return number << shift;
        }
    }
    out.error(value.at, quoted(key) + " must be a size such as 100MiB, from " + size_text(least) +
                            " to " + size_text(most));
    return std::nullopt;
}

std::optional<base::seconds> read_duration(const node& value, std::string_view key,
                                           base::seconds least, base::seconds most, report& out) {
    if (!value.is_scalar()) {
        out.error(value.at, quoted(key) + " must be a duration such as 15m or 1h30m");
        return std::nullopt;
    }
    const auto time = base::parse_duration(value.text);
    if (!time) {
        out.error(value.at, quoted(key) + ": " + time.error().message);
        return std::nullopt;
    }
    if (*time < least || *time > most) {
        out.error(value.at, quoted(key) + " must be from " + base::duration_text(least) + " to " +
                                base::duration_text(most));
        return std::nullopt;
    }
    return *time;
}

std::optional<std::size_t> read_choice(const node& value, std::string_view key,
                                       const std::vector<std::string_view>& choices, report& out) {
    if (value.is_scalar()) {
        const auto found = std::find(choices.begin(), choices.end(), value.text);
        if (found != choices.end()) return std::size_t(found - choices.begin());
    }
    out.error(value.at, quoted(key) + " must be " + one_of(choices) +
                            (value.is_scalar() ? suggestion(value.text, choices) : std::string()));
    return std::nullopt;
}

std::optional<std::string> read_account(std::string_view text, bool plain, const position& at,
                                        report& out) {
    if (!aws::is_account_id(text)) {
        out.error(at, "an account is a number of 12 digits, not " + quoted(text));
        return std::nullopt;
    }
    // Other YAML tools drop the zeros, or take the number for octal.
    if (plain && text.front() == '0') {
        out.error(at, "write the account in quotes to keep its leading zeros: \"" +
                          std::string(text) + "\"");
        return std::nullopt;
    }
    return std::string(text);
}

}  // namespace config
