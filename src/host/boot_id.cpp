#include "host/boot_id.hpp"

#include <algorithm>
#include <string_view>

#include "host/first_line.hpp"

namespace host {

namespace {

// RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) {
    constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), [](char c, char p) {
        return p == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

}  // namespace

base::result<std::string> boot_id(const std::string& file) {
    auto text = first_line(file);
    if (text && !is_uuid(*text)) return base::invalid(file + ": not a boot id");
    return text;
}

}  // namespace host
