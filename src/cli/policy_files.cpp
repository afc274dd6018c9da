#include "cli/policy_files.hpp"

#include "cli/text.hpp"
#include "encoding/json_positions.hpp"

namespace cli {

std::optional<policy::document> read_policy_file(const std::string& file,
                                                 policy::document_kind kind,
                                                 std::string_view partition,
                                                 const surroundings& world,
                                                 std::vector<config::diagnostic>& wrong) {
    const auto text = world.environment.read_file(file);
    if (!text) {
        wrong.push_back({file, 0, 0, text.error().message});
        return std::nullopt;
    }
    auto parsed = policy::document::parse(*text, kind, partition);
    if (parsed) return std::move(*parsed);
    if (text->size() > policy::policy_document_bytes) {
        wrong.push_back({file, 1, 1, parsed.error().message});
        return std::nullopt;
    }
    const auto broken = encoding::json_failure(*text);
    for (const policy::problem& each : policy::document::check(*text, kind, partition)) {
        const auto offset = broken ? broken : encoding::locate_json(*text, each.path);
        const auto at = encoding::position_of(*text, offset.value_or(0));
        wrong.push_back({file, at.line, at.column, each.error.message});
    }
    return std::nullopt;
}

void print_diagnostics(const std::vector<config::diagnostic>& all, const surroundings& world) {
    for (const config::diagnostic& each : all)
        world.err << printable(each.text()) << '\n';
}

}  // namespace cli
