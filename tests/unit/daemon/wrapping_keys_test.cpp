#include "daemon/wrapping_keys.hpp"

#include <cstdlib>

#include "../host/temporary_directory.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

using source = sts::wrapping_key_source;
using kind = sts::wrapping_key_source::kind;

const std::string hex_key(64, '7');

}  // namespace

TEST_CASE("Wrapping keys come from where they are kept, in order") {
    const temporary_directory directory;
    support::counting_random random;
    put_file(directory / "kek", hex_key + "\n");
    put_file(directory / "credential", std::string(64, '8'), 0400);
    ::setenv("IMDSD_TEST_KEK", std::string(64, '9').c_str(), 1);
    ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);
    const std::vector<source> sources{{kind::credential, "credential"},
                                      {kind::file, directory / "kek"},
                                      {kind::environment, "IMDSD_TEST_KEK"},
                                      {kind::automatic, ""}};
    const auto keys = daemon_::load_wrapping_keys(sources, directory.path(), random);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    REQUIRE(keys.has_value());
    REQUIRE(keys->size() == 4);
    CHECK((*keys)[0].reveal() == std::string(32, '\x88'));
    CHECK((*keys)[1].reveal() == std::string(32, '\x77'));
    CHECK((*keys)[2].reveal() == std::string(32, '\x99'));
    CHECK(std::getenv("IMDSD_TEST_KEK") == nullptr);
    CHECK(mode_of(directory / "wrapping.key") == 0600);

    // What was made once stays, and a copy of it works as a file.
    const auto again = daemon_::load_wrapping_keys({source{}}, directory.path(), random);
    REQUIRE(again.has_value());
    CHECK(again->front().reveal() == (*keys)[3].reveal());
    put_file(directory / "copy", get_file(directory / "wrapping.key"));
    const auto copy = daemon_::load_wrapping_keys({{kind::file, directory / "copy"}},
                                                  directory / "elsewhere", random);
    REQUIRE(copy.has_value());
    CHECK(copy->front().check_id() == again->front().check_id());
}

TEST_CASE("A wrapping key that cannot be had is named by its source") {
    const temporary_directory directory;
    support::counting_random random;
    put_file(directory / "words", "correct horse battery staple");
    put_file(directory / "open", hex_key, 0644);
    ::unsetenv("IMDSD_TEST_KEK");
    struct expectation {
        source from;
        std::string said;
    };
    for (const auto& [from, said] : std::vector<expectation>{
             {{kind::file, directory / "none"}, "wrapping key file " + directory / "none" + ": "},
             {{kind::file, directory / "open"}, "make it mode 0600"},
             {{kind::file, directory / "words"}, "a wrapping key is 32 random bytes"},
             {{kind::environment, "IMDSD_TEST_KEK"},
              "wrapping key in environment variable IMDSD_TEST_KEK: the environment variable "
              "IMDSD_TEST_KEK is not set"},
             {{kind::credential, "kek"},
              "wrapping key in systemd credential kek: CREDENTIALS_DIRECTORY is not set"}}) {
        const auto keys = daemon_::load_wrapping_keys({from}, directory.path(), random);
        REQUIRE(keys.has_error());
        INFO(keys.error().message);
        CHECK(keys.error().message.find(said) != std::string::npos);
        CHECK(keys.error().message.find("horse") == std::string::npos);
    }
    CHECK(daemon_::load_wrapping_keys({}, directory.path(), random).has_error());
}
