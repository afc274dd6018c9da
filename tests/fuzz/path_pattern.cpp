// Patterns of faults come from the configuration, paths from anybody: whatever both are, matching
// ends soon, and agrees with the plain definition of the stars.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "profile/fault.hpp"

namespace {

/// The definition, with every pair of suffixes looked at once.
bool plainly_matches(std::string_view glob, std::string_view path) {
    const std::size_t columns = path.size() + 1;
    std::vector<char> known((glob.size() + 1) * columns, 0);
    const auto at = [&](std::size_t g, std::size_t p) -> char& { return known[g * columns + p]; };
    at(glob.size(), path.size()) = 1;
    for (std::size_t g = glob.size(); g-- > 0;) {
        const bool wide = glob.substr(g, 2) == "**";
        for (std::size_t p = path.size() + 1; p-- > 0;) {
            const bool more = p < path.size();
            if (wide) {
                at(g, p) = at(g + 2, p) || (more && at(g, p + 1));
            } else if (glob[g] == '*') {
                at(g, p) = at(g + 1, p) || (more && path[p] != '/' && at(g, p + 1));
            } else {
                const bool fits =
                    more && (glob[g] == path[p] || (glob[g] == '?' && path[p] != '/'));
                at(g, p) = fits && at(g + 1, p + 1);
            }
        }
    }
    return at(0, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto middle = text.find('\n');
    if (middle == std::string_view::npos || size > 300) return 0;
    const auto glob = text.substr(0, middle);
    const auto path = text.substr(middle + 1);
    if (profile::path_matches(glob, path) != plainly_matches(glob, path)) std::abort();
    return 0;
}
