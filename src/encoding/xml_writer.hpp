#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace encoding {

/// Writes XML with two-space indentation, one element a line, no declaration. Text and attribute
/// values are escaped (& < > " '); control characters that XML 1.0 forbids become U+FFFD.
class xml_writer {
public:
    xml_writer() = default;
    /// `room`: bytes that are written without moving, for documents with secrets.
    explicit xml_writer(std::size_t room) { out_.reserve(room); }
    /// Opens an element; `xmlns` is written as its default namespace unless empty.
    void open(std::string_view name, std::string_view xmlns = {});
    void close();
    /// <name>text</name>
    void element(std::string_view name, std::string_view text);
    /// The document, with a final newline. All elements must be closed.
    std::string take();

private:
    std::string out_;
    std::vector<std::string> open_;
};

}  // namespace encoding
