#include "encoding/xml_writer.hpp"

#include <stdexcept>

#include "support/catch.hpp"

TEST_CASE("XML is indented by two spaces and has no declaration") {
    encoding::xml_writer xml;
    xml.open("Response", "https://example.test/doc/");
    xml.open("Result");
    xml.element("Account", "123456789012");
    xml.close();
    xml.element("Empty", "");
    xml.close();
    CHECK(xml.take() ==
          "<Response xmlns=\"https://example.test/doc/\">\n"
          "  <Result>\n"
          "    <Account>123456789012</Account>\n"
          "  </Result>\n"
          "  <Empty></Empty>\n"
          "</Response>\n");
    CHECK(xml.take().empty());
}

TEST_CASE("XML text is escaped and forbidden characters are replaced") {
    encoding::xml_writer xml;
    xml.element("a", std::string_view("&<>\"'\x01\0\t\r\n\xC3\xA9\xFF\xEF\xBF\xBF", 16));
    CHECK(xml.take() ==
          "<a>&amp;&lt;&gt;&quot;&apos;\xEF\xBF\xBD\xEF\xBF\xBD\t&#13;\n\xC3\xA9"
          "\xEF\xBF\xBD\xEF\xBF\xBD</a>\n");
}

TEST_CASE("XML that is not balanced is a bug") {
    encoding::xml_writer xml;
    CHECK_THROWS_AS(xml.close(), std::logic_error);
    xml.open("a");
    CHECK_THROWS_AS(xml.take(), std::logic_error);
}
