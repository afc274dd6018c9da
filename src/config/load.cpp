#include "config/sections.hpp"

namespace config {

namespace {

constexpr std::string_view api_version = "imdsd/v1";

/// False when the file is of another version: nothing else in it can be judged then.
bool is_readable_version(const mapping& top, report& out) {
    const node* value = top.require("apiVersion");
    if (!value || (value->is_scalar() && value->text == api_version)) return true;
    out.error(value->at, "'apiVersion' must be " + std::string(api_version));
    return false;
}

void read_all(const node& root, configuration& into, context with) {
    const mapping top(root, sections::top, with.out);
    if (!root.is_mapping() || !is_readable_version(top, with.out)) return;
    read_listeners(top, into, with);
    read_tuning(top, into, with);
    read_sources(top, into, with);
    read_issuer(top, into, with);
    const auto places = read_profiles(top, into, with);
    read_pod_identity(top, into, with);
    read_bindings(top, places, into, with);
    check_pod_listeners(top, into, with);
    read_places(top, into, with);
}

}  // namespace

load_result load(const std::string& path, const environment& from) {
    report out;
    const auto file = out.add_file(path);
    configuration read;
    if (const auto text = from.read_file(path); !text) {
        out.error({file, 0, 0}, text.error().message);
    } else if (const auto root = parse_tree(*text, file, out)) {
        read_all(*root, read, {from, out});
    }
    load_result result;
    if (!out.failed()) result.loaded = std::move(read);
    result.diagnostics = out.take();
    return result;
}

}  // namespace config
