#include "host/descriptor_limit.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace host {

std::size_t raise_descriptor_limit(std::size_t wanted) {
    constexpr std::size_t posix_minimum = 20;  // _POSIX_OPEN_MAX
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return posix_minimum;
    const rlim_t reachable = std::min<rlim_t>(wanted, limit.rlim_max);
    if (limit.rlim_cur < reachable) {
        rlimit raised = limit;
        raised.rlim_cur = reachable;
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return std::size_t(limit.rlim_cur);
}

}  // namespace host
