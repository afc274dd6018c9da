#include "profile/instance_type.hpp"

#include <algorithm>
#include <iterator>

namespace profile {

std::string_view system_of_type(std::string_view instance_type) {
    static constexpr std::string_view xen[] = {
        "c1", "c3", "c4", "cc2", "cr1", "d2", "f1", "g2", "g3", "g3s", "h1", "hs1", "i2",
        "i3", "m1", "m2", "m3",  "m4",  "p2", "p3", "r3", "r4", "t1",  "t2", "x1",  "x1e"};
    const auto dot = instance_type.find('.');
    const auto family = instance_type.substr(0, dot);
    const bool metal =
        dot != std::string_view::npos && instance_type.substr(dot + 1).starts_with("metal");
    const bool listed = std::find(std::begin(xen), std::end(xen), family) != std::end(xen);
    return listed && !metal ? "xen" : "nitro";
}

}  // namespace profile
