#include "host/system_random.hpp"

#include <cerrno>
#include <cstdlib>
#include <sys/random.h>

namespace host {

void system_random::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        const ssize_t got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) std::abort();
        out = out.subspan(std::size_t(got));
    }
}

}  // namespace host
