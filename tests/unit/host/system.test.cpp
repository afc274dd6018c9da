#include <array>
#include <chrono>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/hardening.hpp"
#include "host/system_clock.hpp"
#include "host/system_random.hpp"
#include "support/catch.hpp"

TEST_CASE("The system clock is the wall clock and the time since boot") {
    const host::system_clock clock;
    const auto before = std::chrono::floor<base::milliseconds>(std::chrono::system_clock::now());
    const auto now = clock.now();
    CHECK(now >= before);
    CHECK(now - before < base::seconds(60));
    const auto first = clock.boot_now();
    CHECK(first.time_since_epoch() > base::milliseconds(0));
    CHECK(clock.boot_now() >= first);
}

TEST_CASE("System randomness fills all of the buffer and does not repeat") {
    host::system_random random;
    std::set<std::array<std::byte, 16>> seen;
    for (int i = 0; i < 100; ++i) {
        std::array<std::byte, 16> bytes{};
        random.fill(bytes);
        seen.insert(bytes);
    }
    CHECK(seen.size() == 100);
    std::string large(100'000, '\0');
    random.fill(std::as_writable_bytes(std::span(large)));
    CHECK(large.substr(large.size() - 32) != std::string(32, '\0'));
    random.fill({});
}

TEST_CASE("A hardened process cannot be dumped or gain privileges") {
    const pid_t child = ::fork();
    if (child == 0) {
        rlimit core{1, 1};
        const bool good = host::harden_process().has_value() &&
                          ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                          ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                          ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
