// A parsed form, encoded again, parses to the same fields.
#include "encoding/form.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoding/percent.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    expect(encoding::percent_decode(encoding::percent_encode(text)).value() == text);
    expect(encoding::form_decode(encoding::percent_encode(text)).value() == text);

    const auto fields = encoding::parse_form(text);
    if (!fields) return 0;
    std::string written;
    for (const encoding::form_field& field : *fields) {
        if (!written.empty()) written += '&';
        encoding::percent_encode(field.name, written);
        written += '=';
        encoding::percent_encode(field.value, written);
    }
    const auto again = encoding::parse_form(written);
    expect(again.has_value() && again->size() == fields->size());
    for (std::size_t i = 0; i < fields->size(); ++i) {
        expect((*fields)[i].name == (*again)[i].name && (*fields)[i].value == (*again)[i].value);
    }
    return 0;
}
