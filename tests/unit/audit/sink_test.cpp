#include "audit/sink.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "unit/audit/file_size_limit.hpp"
#include "unit/audit/temporary_directory.hpp"

using audit_test::file_size_limit;
using audit_test::put_text;
using audit_test::temporary_directory;
using audit_test::text_of;

TEST_CASE("A new audit file is for its owner alone and is appended to") {
    const temporary_directory dir;
    const std::string path = dir.file("audit");
    {
        audit::sink s = audit::sink::open(path).value();
        REQUIRE(s.write("one\n"));
    }
    audit::sink s = audit::sink::open(path).value();
    REQUIRE(s.write("two\nthree\n"));
    CHECK(text_of(path) == "one\ntwo\nthree\n");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
}

TEST_CASE("Links and FIFOs and directories are no audit files") {
    const temporary_directory dir;
    put_text(dir.file("target"), "");
    std::filesystem::create_symlink(dir.file("target"), dir.file("link"));
    CHECK(audit::sink::open(dir.file("link")).has_error());
    REQUIRE(::mkfifo(dir.file("fifo").c_str(), 0600) == 0);
    CHECK(audit::sink::open(dir.file("fifo")).has_error());
    CHECK(audit::sink::open(dir.file("")).has_error());
    CHECK(audit::sink::open(dir.file("none/audit")).has_error());
}

TEST_CASE("A line cut by the end of an earlier process is ended before the next one") {
    const temporary_directory dir;
    put_text(dir.file("audit"), "whole\n{\"cut");
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    REQUIRE(s.write("next\n"));
    CHECK(text_of(dir.file("audit")) == "whole\n{\"cut\nnext\n");
}

TEST_CASE("A write cut short goes on where it stopped") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    REQUIRE(s.write("0123\n"));
    file_size_limit full(12);
    const std::string group = "abcd\nefgh\n";
    const auto failed = s.write(group);
    CHECK(failed.has_error());
    CHECK(failed.error().kind == base::error_kind::unavailable);
    CHECK(text_of(dir.file("audit")) == "0123\nabcd\nef");
    CHECK(s.write(group).has_error());
    CHECK(text_of(dir.file("audit")) == "0123\nabcd\nef");
    full.lift();
    REQUIRE(s.write(group));
    CHECK(text_of(dir.file("audit")) == "0123\nabcd\nefgh\n");
    REQUIRE(s.write("ijkl\n"));
    CHECK(text_of(dir.file("audit")) == "0123\nabcd\nefgh\nijkl\n");
}

TEST_CASE("A cut line starts over after another has written to the file") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    const std::string group = "abcd\nefgh\n";
    {
        const file_size_limit full(7);
        REQUIRE_FALSE(s.write(group));
    }
    put_text(dir.file("audit"), "abcd\nefX");
    REQUIRE(s.write(group));
    CHECK(text_of(dir.file("audit")) == "abcd\nefX\nefgh\n");
}

TEST_CASE("A cut line starts over in a file that was truncated by a rotation") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    const std::string group = "abcd\nefgh\n";
    {
        const file_size_limit full(7);
        REQUIRE_FALSE(s.write(group));
    }
    put_text(dir.file("audit"), "");
    REQUIRE(s.write(group));
    CHECK(text_of(dir.file("audit")) == "efgh\n");
}

TEST_CASE("A rotation in the middle of a line leaves whole lines in both files") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    const std::string group = "abcd\nefgh\n";
    {
        const file_size_limit full(7);
        REQUIRE_FALSE(s.write(group));
    }
    std::filesystem::rename(dir.file("audit"), dir.file("audit.1"));
    REQUIRE(s.reopen());
    REQUIRE(s.write(group));
    CHECK(text_of(dir.file("audit.1")) == "abcd\n");
    CHECK(text_of(dir.file("audit")) == "efgh\n");
}

TEST_CASE("A reopen that fails leaves the old file in use") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    std::filesystem::rename(dir.file("audit"), dir.file("audit.1"));
    std::filesystem::create_directory(dir.file("audit"));
    CHECK_FALSE(s.reopen());
    REQUIRE(s.write("still\n"));
    CHECK(text_of(dir.file("audit.1")) == "still\n");
}

TEST_CASE("A deleted file is made again") {
    const temporary_directory dir;
    audit::sink s = audit::sink::open(dir.file("audit")).value();
    REQUIRE(s.write("one\n"));
    std::filesystem::remove(dir.file("audit"));
    REQUIRE(s.write("two\n"));
    CHECK(text_of(dir.file("audit")) == "two\n");
}

TEST_CASE("A full device is a failure each time") {
    audit::sink s = audit::sink::open("/dev/full").value();
    CHECK_FALSE(s.write("one\n"));
    CHECK_FALSE(s.write("one\n"));
}
