#include "base/time_text.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace base {

namespace {

using std::chrono::days;
using std::chrono::floor;

constexpr std::array<const char*, 7> weekday_names = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct civil {
    int year;
    unsigned month, day, hour, minute, second, weekday;
};

civil split(wall_time time) {
    const auto whole = floor<seconds>(time);
    const auto day = floor<days>(whole);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(whole - day);
    return {int(date.year()),
            unsigned(date.month()),
            unsigned(date.day()),
            unsigned(clock.hours().count()),
            unsigned(clock.minutes().count()),
            unsigned(clock.seconds().count()),
            std::chrono::weekday(day).c_encoding()};
}

/// Reads exactly `width` decimal digits.
bool digits(std::string_view text, std::size_t at, std::size_t width, int& value) {
    if (at + width > text.size()) return false;
    value = 0;
    for (std::size_t i = at; i < at + width; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

result<wall_time> compose(int year, int month, int day, int hour, int minute, int second) {
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(unsigned(month)),
                                           std::chrono::day(unsigned(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return invalid("no such time");
    return wall_time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + seconds(second);
}

}  // namespace

std::string iso8601(wall_time time) {
    const civil c = split(time);
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year,
                                   c.month, c.day, c.hour, c.minute, c.second);
    return {text, std::size_t(size)};
}

std::string iso8601_basic(wall_time time) {
    const civil c = split(time);
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%04d%02u%02uT%02u%02u%02uZ", c.year, c.month,
                                   c.day, c.hour, c.minute, c.second);
    return {text, std::size_t(size)};
}

std::string imf_fixdate(wall_time time) {
    const civil c = split(time);
    char text[48];
    const int size = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02u:%02u:%02u GMT",
                                   weekday_names[c.weekday], c.day, month_names[c.month - 1],
                                   c.year, c.hour, c.minute, c.second);
    return {text, std::size_t(size)};
}

result<wall_time> parse_iso8601(std::string_view text) {
    int year, month, day, hour, minute, second;
    if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text[19] != 'Z' || !digits(text, 0, 4, year) ||
        !digits(text, 5, 2, month) || !digits(text, 8, 2, day) || !digits(text, 11, 2, hour) ||
        !digits(text, 14, 2, minute) || !digits(text, 17, 2, second)) {
        return invalid("not a time of the form YYYY-MM-DDTHH:MM:SSZ");
    }
    return compose(year, month, day, hour, minute, second);
}

result<wall_time> parse_iso8601_basic(std::string_view text) {
    int year, month, day, hour, minute, second;
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !digits(text, 0, 4, year) ||
        !digits(text, 4, 2, month) || !digits(text, 6, 2, day) || !digits(text, 9, 2, hour) ||
        !digits(text, 11, 2, minute) || !digits(text, 13, 2, second)) {
        return invalid("not a time of the form YYYYMMDDTHHMMSSZ");
    }
    return compose(year, month, day, hour, minute, second);
}

result<wall_time> parse_imf_fixdate(std::string_view text) {
    const auto bad = [] {
        return invalid("not an IMF-fixdate such as 'Sun, 06 Nov 1994 08:49:37 GMT'");
    };
    int year, day, hour, minute, second;
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT" ||
        !digits(text, 5, 2, day) || !digits(text, 12, 4, year) || !digits(text, 17, 2, hour) ||
        !digits(text, 20, 2, minute) || !digits(text, 23, 2, second)) {
        return bad();
    }
    for (int month = 0; month < 12; ++month) {
        if (text.substr(8, 3) != month_names[std::size_t(month)]) continue;
        auto time = compose(year, month + 1, day, hour, minute, second);
        if (time && text.substr(0, 3) != weekday_names[split(*time).weekday]) return bad();
        return time;
    }
    return bad();
}

result<seconds> parse_duration(std::string_view text) {
    struct unit {
        char letter;
        long factor;
    };
    static constexpr std::array<unit, 4> units = {{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
    const auto bad = [] { return invalid("not a duration; write it as 90s, 15m, 1h30m or 2d"); };
    long total = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        long value = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failed != std::errc{} || value < 0 || value > 100'000'000 || text[0] == '-')
            return bad();
        text.remove_prefix(std::size_t(end - text.data()));
        if (text.empty()) return bad();
        while (next_unit < units.size() && units[next_unit].letter != text[0])
            ++next_unit;
        if (next_unit == units.size()) return bad();
        total += value * units[next_unit++].factor;
        text.remove_prefix(1);
    }
    if (total <= 0) return bad();
    return seconds(total);
}

std::string duration_text(seconds value) {
    long left = value.count();
    if (left <= 0) return "0s";
    std::string text;
    for (const auto& [letter, factor] :
         {std::pair{'d', 86400L}, {'h', 3600L}, {'m', 60L}, {'s', 1L}}) {
        if (left / factor != 0) text += std::to_string(left / factor) + letter;
        left %= factor;
    }
    return text;
}

}  // namespace base
