#include "encoding/xml_writer.hpp"

#include <stdexcept>
#include <utility>

#include "encoding/utf8.hpp"

namespace encoding {
namespace {

// XML 1.0, production 2 (Char): of the controls only tab, line feed and carriage return are
// allowed; U+FFFE and U+FFFF are not.
bool forbidden(std::string_view sequence) {
    const auto lead = static_cast<unsigned char>(sequence.front());
    if (lead < 0x20) return lead != '\t' && lead != '\n' && lead != '\r';
    return sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
}

void escape(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const std::size_t size = utf8_sequence(text);
        const std::string_view sequence = text.substr(0, size == 0 ? 1 : size);
        text.remove_prefix(sequence.size());
        if (size == 0 || forbidden(sequence)) {
            out += replacement_character;
            continue;
        }
        switch (sequence.front()) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&apos;";
                break;
            // A parser would turn a bare carriage return into a line feed (XML 1.0, 2.11).
            case '\r':
                out += "&#13;";
                break;
            default:
                out += sequence;
        }
    }
}

}  // namespace

void xml_writer::open(std::string_view name, std::string_view xmlns) {
    out_.append(2 * open_.size(), ' ');
    out_ += '<';
    out_ += name;
    if (!xmlns.empty()) {
        out_ += " xmlns=\"";
        escape(xmlns, out_);
        out_ += '"';
    }
    out_ += ">\n";
    open_.emplace_back(name);
}

void xml_writer::close() {
    if (open_.empty()) throw std::logic_error("xml_writer: close without open");
    const std::string name = std::move(open_.back());
    open_.pop_back();
    out_.append(2 * open_.size(), ' ');
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

void xml_writer::element(std::string_view name, std::string_view text) {
    out_.append(2 * open_.size(), ' ');
    out_ += '<';
    out_ += name;
    out_ += '>';
    escape(text, out_);
    out_ += "</";
    out_ += name;
    out_ += ">\n";
}

std::string xml_writer::take() {
    if (!open_.empty()) throw std::logic_error("xml_writer: unclosed " + open_.back());
    return std::exchange(out_, {});
}

}  // namespace encoding
