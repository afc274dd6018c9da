#pragma once

#include <array>
#include <string_view>

namespace cli {

/// What a script can rely on. README has the same table.
enum class exit_code : int {
    ok = 0,
    failure = 1,
    usage = 2,
    configuration = 3,
    unreachable = 4,
    denied = 5,
    issuer_unavailable = 6,
    expired = 7,
};

struct exit_code_row {
    exit_code code;
    std::string_view meaning;
};

inline constexpr auto exit_codes = std::to_array<exit_code_row>({
    {exit_code::ok, "ok"},
    {exit_code::failure, "failure"},
    {exit_code::usage, "wrong usage"},
    {exit_code::configuration, "the configuration is invalid"},
    {exit_code::unreachable, "the daemon cannot be reached"},
    {exit_code::denied, "denied by policy"},
    {exit_code::issuer_unavailable, "the issuer of credentials is unavailable"},
    {exit_code::expired, "expired"},
});

}  // namespace cli
