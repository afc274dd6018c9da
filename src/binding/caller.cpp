#include "binding/caller.hpp"

namespace binding {

namespace {

/// Names of cgroups are chosen by whoever made them: nothing but printable ASCII reaches a log.
std::string printable(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        if (c > ' ' && c < 0x7f) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

}  // namespace

std::string describe(const caller& who) {
    std::string text;
    const auto add = [&text](std::string_view key, std::string_view value) {
        if (!text.empty()) text += ' ';
        text += key;
        text += '=';
        text += printable(value);
    };
    switch (who.from) {
        case caller::origin::local:
            if (who.uid) add("uid", std::to_string(*who.uid));
            if (who.unit)
                add("unit", *who.unit);
            else if (who.user_unit)
                add("user_unit", *who.user_unit);
            else if (who.cgroup)
                add("cgroup", *who.cgroup);
            return text.empty() ? "a local caller without known facts" : text;
        case caller::origin::network:
            if (who.address) add("address", who.address->text());
            if (!who.interface.empty()) add("dev", who.interface);
            return text.empty() ? "a network caller without known facts" : text;
        case caller::origin::unknown:
            break;
    }
    text = "unknown caller";
    if (!who.why_unknown.empty()) text += " (" + std::string(who.why_unknown) + ")";
    return text;
}

}  // namespace binding
