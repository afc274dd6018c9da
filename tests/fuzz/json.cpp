// What the strict parser accepts it also accepts after being written, as the same value; and no
// bytes can break out of a quoted string.
#include "encoding/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "encoding/utf8.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto value = encoding::parse_json(text)) {
        expect(encoding::is_utf8(text));
        const std::string written = encoding::json_text(*value);
        const auto again = encoding::parse_json(written);
        // Numbers may lose their last digit on the way, so texts are compared after one round.
        expect(again.has_value());
        const auto third = encoding::parse_json(encoding::json_text(*again));
        expect(third.has_value() && third->kind() == value->kind());
    }
    const auto quoted = encoding::parse_json(encoding::json_quoted(text), {4, 8 * size + 16});
    expect(quoted.has_value() && quoted->is_string());
    if (encoding::is_utf8(text)) expect(std::string_view(quoted->as_string()) == text);
    return 0;
}
