#include "host/given_secret.hpp"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "support/catch.hpp"
#include "temporary_directory.hpp"

using base::error_kind;

namespace {

/// Sets a variable for one test.
class variable {
public:
    variable(const char* name, const std::string& value) : name_(name) {
        ::setenv(name, value.c_str(), 1);
    }
    ~variable() { ::unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
};

}  // namespace

TEST_CASE("A credential of systemd is read from its directory") {
    const temporary_directory directory;
    put_file(directory / "kek", "hidden-text", 0400);
    CHECK(host::read_service_credential("kek").error().kind == error_kind::not_found);
    const variable set("CREDENTIALS_DIRECTORY", directory.path());
    CHECK(host::read_service_credential("kek")->reveal() == "hidden-text");
    // How an access control list for the service's user shows.
    put_file(directory / "listed", "hidden-text", 0440);
    CHECK(host::read_service_credential("listed")->reveal() == "hidden-text");
    for (const mode_t mode : {0444u, 0460u, 0404u}) {
        put_file(directory / "open", "hidden-text", mode);
        const auto read = host::read_service_credential("open");
        REQUIRE(read.has_error());
        CHECK(read.error().kind == error_kind::denied);
        CHECK(read.error().message.find("hidden-text") == std::string::npos);
    }
    CHECK(host::read_service_credential("none").error().kind == error_kind::not_found);
    for (const std::string& name : {std::string(), std::string("."), std::string(".."),
                                    std::string("a/b"), std::string("a b"), std::string(256, 'a')})
        CHECK(host::read_service_credential(name).error().kind == error_kind::invalid);
}

TEST_CASE("A relative directory of credentials is none") {
    const variable set("CREDENTIALS_DIRECTORY", "credentials");
    CHECK(host::read_service_credential("kek").error().kind == error_kind::not_found);
}

TEST_CASE("A secret is taken out of the environment") {
    const variable set("IMDSD_TEST_SECRET", "hidden-text");
    const char* where = std::getenv("IMDSD_TEST_SECRET");
    CHECK(host::take_environment_secret("IMDSD_TEST_SECRET")->reveal() == "hidden-text");
    CHECK(std::getenv("IMDSD_TEST_SECRET") == nullptr);
    CHECK(where[0] == '\0');
    CHECK(host::take_environment_secret("IMDSD_TEST_SECRET").error().kind == error_kind::not_found);
    const variable empty("IMDSD_TEST_SECRET", "");
    CHECK(host::take_environment_secret("IMDSD_TEST_SECRET").error().kind == error_kind::not_found);
}
