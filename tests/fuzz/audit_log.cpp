// A log that was written is whole, and no single byte of it can change unseen; whatever else a file
// holds is read to its end, or to the first break.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "audit/line_reader.hpp"
#include "audit/verifier.hpp"
#include "encoding/json.hpp"

namespace {

audit::verdict verify(std::string_view text, std::optional<audit::link> head, std::size_t piece) {
    audit::line_splitter lines;
    audit::verifier check(head);
    check.begin_file("log");
    while (!text.empty()) {
        lines.give(text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
        for (std::string_view line; lines.next(line);)
            check.take(line, true);
    }
    if (!lines.rest().empty()) check.take(lines.rest(), false);
    return check.finish();
}

bool same(const audit::verdict& a, const audit::verdict& b) {
    return a.records == b.records && a.last == b.last && !a.broken == !b.broken &&
           a.notes.size() == b.notes.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t piece = size == 0 ? 1 : 1 + data[0] % 64;
    if (!same(verify(text, {}, piece), verify(text, {}, text.size() + 1))) std::abort();

    // The lines of it that are records, as the log would hold them.
    std::string records;
    audit::line_splitter lines;
    lines.give(text);
    for (std::string_view line; lines.next(line);) {
        const auto value = encoding::parse_json(line, {32, 1 << 16});
        if (!value || !value->is_object() || value->get_object().empty()) continue;
        if (value->get_object().contains(audit::chain_member)) continue;
        records += encoding::json_text(*value) + "\n";
    }
    if (records.empty()) return 0;
    audit::chain links({});
    std::string log = links.extend(records);
    const audit::verdict whole = verify(log, links.last(), piece);
    if (whole.broken || !whole.notes.empty() || whole.last != links.last()) std::abort();
    const std::size_t at = (data[0] * 251u + data[size - 1]) % log.size();
    const char before = std::exchange(log[at], char(data[size / 2]));
    // Without its newline the last line is the same line, not known to be whole.
    if (log[at] != before && at + 1 != log.size() && !verify(log, links.last(), piece).broken)
        std::abort();
    return 0;
}
