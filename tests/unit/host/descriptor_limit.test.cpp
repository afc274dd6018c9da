#include "host/descriptor_limit.hpp"

#include <sys/resource.h>

#include "support/catch.hpp"

TEST_CASE("The descriptor limit is raised as far as it goes and never lowered") {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = 64;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    CHECK(host::raise_descriptor_limit(100) == 100);
    CHECK(host::raise_descriptor_limit(80) == 100);
    CHECK(host::raise_descriptor_limit(std::size_t(1) << 40) <= before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}
