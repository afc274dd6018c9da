#include "host/owner.hpp"

#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

TEST_CASE("Root becomes the owner of a directory, and only by that") {
    const auto gone = host::become_owner_of("/nonexistent/directory");
    REQUIRE(gone.has_error());
    CHECK(gone.error().kind == base::error_kind::not_found);
    if (::geteuid() != 0) {
        WARN("not root: cannot become anybody");
        return;
    }
    char path[] = "/tmp/imdsd-owner-XXXXXX";
    REQUIRE(::mkdtemp(path) != nullptr);
    REQUIRE(::chown(path, 65533, 65532) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool good = host::become_owner_of(path).has_value() && ::geteuid() == 65533 &&
                          ::getuid() == 65533 && ::getegid() == 65532 && ::seteuid(0) != 0;
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    std::filesystem::remove(path);
}
