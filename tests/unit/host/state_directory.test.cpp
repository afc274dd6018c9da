#include "host/state_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "temporary_directory.hpp"

using base::error_kind;
using host::state_directory;

TEST_CASE("The state directory is made with its parents for its owner only") {
    const temporary_directory top;
    const auto opened = state_directory::open(top / "a/b/state/");
    REQUIRE(opened.has_value());
    CHECK(opened->path() == top / "a/b/state");
    CHECK(opened->file("keys") == top / "a/b/state/keys");
    CHECK(mode_of(top / "a") == 0700);
    CHECK(mode_of(top / "a/b/state") == 0700);
}

TEST_CASE("A second daemon on the same state directory is refused until the first is gone") {
    const temporary_directory top;
    {
        const auto first = state_directory::open(top / "state");
        REQUIRE(first.has_value());
        const auto second = state_directory::open(top / "state");
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().kind == error_kind::denied);
        CHECK(second.error().message == "another imdsd (process " + std::to_string(::getpid()) +
                                            ") is using " + (top / "state"));
        const pid_t child = ::fork();
        if (child == 0) ::_exit(state_directory::open(top / "state") ? 0 : 7);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WEXITSTATUS(status) == 7);
    }
    CHECK(state_directory::open(top / "state").has_value());
}

TEST_CASE("What a killed daemon left half written is removed and nothing else is") {
    const temporary_directory top;
    std::filesystem::create_directory(top / "state");
    for (const char* name : {"token.key", "token.key.new-a1B2c3", "my.new-plan", ".new-abcdef"})
        put_file(top / "state/" + name, "x");
    {
        const auto running = state_directory::open(top / "state");
        REQUIRE(running.has_value());
        put_file(top / "state/token.key.new-during", "x");
        CHECK_FALSE(state_directory::open(top / "state").has_value());
        CHECK(std::filesystem::exists(top / "state/token.key.new-during"));
    }
    CHECK(std::filesystem::exists(top / "state/token.key"));
    CHECK(std::filesystem::exists(top / "state/my.new-plan"));
    CHECK(std::filesystem::exists(top / "state/.new-abcdef"));
    CHECK_FALSE(std::filesystem::exists(top / "state/token.key.new-a1B2c3"));
}

TEST_CASE("A state directory that others can write is refused and one they can list is not") {
    const temporary_directory top;
    std::filesystem::create_directory(top / "state");
    for (const mode_t mode : {0770u, 0702u}) {
        REQUIRE(::chmod((top / "state").c_str(), mode) == 0);
        const auto opened = state_directory::open(top / "state");
        REQUIRE_FALSE(opened.has_value());
        CHECK(opened.error().kind == error_kind::denied);
    }
    REQUIRE(::chmod((top / "state").c_str(), 0755) == 0);
    CHECK(state_directory::open(top / "state").has_value());
}

TEST_CASE("A state directory of another user is refused") {
    const temporary_directory top;
    std::filesystem::create_directory(top / "state");
    if (::geteuid() != 0) {
        WARN("SKIPPED: changing owners needs root");
        return;
    }
    REQUIRE(::chown((top / "state").c_str(), 12345, 12345) == 0);
    REQUIRE(::chmod((top / "state").c_str(), 0700) == 0);
    CHECK(state_directory::open(top / "state").error().kind == error_kind::denied);
}

TEST_CASE("What cannot be a directory is an error that names it") {
    const temporary_directory top;
    put_file(top / "file", "x");
    CHECK(state_directory::open(top / "file").error().message.find(top / "file") == 0);
    CHECK(state_directory::open(top / "file/below").error().message.find(top / "file") == 0);
    CHECK_FALSE(state_directory::open("").has_value());
    std::filesystem::create_directory(top / "state");
    std::filesystem::create_symlink(top / "elsewhere", top / "state/lock");
    CHECK_FALSE(state_directory::open(top / "state").has_value());
    CHECK_FALSE(std::filesystem::exists(top / "elsewhere"));
}
