#include <boost/json/array.hpp>

#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

std::string summary(const config::configuration& loaded) {
    return counted(loaded.profiles.size(), "profile") + ", " +
           counted(loaded.bindings.size(), "binding") + ", " +
           counted(loaded.listeners.size(), "listener");
}

boost::json::object as_json(const std::string& file, const config::load_result& read) {
    boost::json::object one;
    one["apiVersion"] = "imdsd/v1";
    one["file"] = file;
    one["ok"] = read.loaded.has_value();
    if (read.loaded) {
        one["profiles"] = read.loaded->profiles.size();
        one["bindings"] = read.loaded->bindings.size();
        one["listeners"] = read.loaded->listeners.size();
    }
    boost::json::array diagnostics;
    for (const config::diagnostic& each : read.diagnostics) {
        boost::json::object entry;
        entry["file"] = each.file;
        entry["line"] = each.line;
        entry["column"] = each.column;
        entry["severity"] = each.warning ? "warning" : "error";
        entry["message"] = each.message;
        diagnostics.push_back(std::move(entry));
    }
    one["diagnostics"] = std::move(diagnostics);
    return one;
}

}  // namespace

exit_code run_check(const options& given, const surroundings& world) {
    std::vector<std::string> files = given.files;
    if (files.empty()) files.push_back(given.config.empty() ? default_config : given.config);
    bool good = true;
    boost::json::array list;
    for (const std::string& file : files) {
        const config::load_result read = config::load(file, world.environment);
        good = good && read.loaded.has_value();
        if (given.output == output_format::json) {
            list.push_back(as_json(file, read));
            continue;
        }
        for (const config::diagnostic& each : read.diagnostics) {
            if (each.warning && given.quiet) continue;
            world.err << printable(each.text()) << '\n';
        }
        if (read.loaded) world.out << file << ": ok: " << summary(*read.loaded) << '\n';
    }
    if (given.output == output_format::json) world.out << encoding::json_text(list) << '\n';
    return good ? exit_code::ok : exit_code::configuration;
}

}  // namespace cli
