#include "cli/text.hpp"

#include "cli/exit_codes.hpp"
#include "support/catch.hpp"

TEST_CASE("Control characters do not reach the terminal") {
    CHECK(cli::printable("plain text") == "plain text");
    CHECK(cli::printable("\x1b[2J\r\n\t\x7f") == "?[2J????");
    CHECK(cli::printable("\xc2\x9b"
                         "31m") == "?31m");
    CHECK(cli::printable("R\xc3\xb3l\xc2\xa0") == "R\xc3\xb3l\xc2\xa0");
}

TEST_CASE("Members are shown whatever their type and absent ones are empty") {
    const boost::json::object from{{"s", "a\nb"}, {"n", -3},      {"u", 5u},
                                   {"t", true},   {"z", nullptr}, {"o", boost::json::object{}}};
    CHECK(cli::shown(from, "s") == "a?b");
    CHECK(cli::shown(from, "n") == "-3");
    CHECK(cli::shown(from, "u") == "5");
    CHECK(cli::shown(from, "t") == "yes");
    CHECK(cli::shown(from, "z").empty());
    CHECK(cli::shown(from, "o").empty());
    CHECK(cli::shown(from, "none").empty());
    CHECK(cli::number(from, "n") == -3);
    CHECK_FALSE(cli::number(from, "s").has_value());
    CHECK_FALSE(cli::truth(from, "s"));
}

TEST_CASE("Columns line up also beyond ASCII") {
    cli::text_table table({"A", "B"});
    table.add({"r\xc3\xb3le", "x"});
    table.add({"", "y"});
    CHECK(table.text() == "A     B\nr\xc3\xb3le  x\n-     y\n");
}

TEST_CASE("Exit codes are numbered as documented") {
    int expected = 0;
    for (const auto& row : cli::exit_codes)
        CHECK(int(row.code) == expected++);
    CHECK(expected == 8);
}
