#include <chrono>
#include <thread>

#include <boost/json/array.hpp>

#include "audit/head_file.hpp"
#include "audit/log_follower.hpp"
#include "audit/verify_files.hpp"
#include "cli/audit_text.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

/// How often a followed log is looked at.
constexpr std::chrono::milliseconds follow_every{200};

exit_code complain(const surroundings& world, const std::string& why, exit_code code) {
    world.err << "imdsd: " << printable(why) << '\n';
    return code;
}

/// The configured log. None: said why, and `code` is set.
std::optional<audit::options> configured(const options& given, const surroundings& world,
                                         exit_code& code) {
    const std::string file = given.config.empty() ? default_config : given.config;
    const config::load_result read = config::load(file, world.environment);
    if (!read.loaded) {
        code = complain(world, file + ": cannot be used ('imdsd check' says why)",
                        exit_code::configuration);
        return std::nullopt;
    }
    if (!read.loaded->audit.is_file()) {
        code = complain(
            world,
            file + ": the audit log is not a file: audit.output is " + read.loaded->audit.output,
            exit_code::failure);
        return std::nullopt;
    }
    return read.loaded->audit;
}

base::result<audit::verdict> verify_named(const audit_request& wanted) {
    std::optional<audit::link> head;
    if (!wanted.head.empty()) {
        const auto kept = audit::head_file::look(wanted.head);
        if (!kept) return kept.error();
        if (!*kept) return base::invalid(wanted.head + ": there is no such file, or nothing in it");
        head = *kept;
    }
    auto files = audit::open_files(wanted.files);
    if (!files) return files.error();
    return audit::verify_files(std::move(*files), head);
}

boost::json::object as_json(const audit::finding& found) {
    return {{"file", found.at.file}, {"line", found.at.line}, {"message", found.message}};
}

void print_json(const audit::verdict& found, const surroundings& world) {
    boost::json::object out{{"apiVersion", "imdsd/v1"},
                            {"ok", !found.broken},
                            {"records", found.records},
                            {"headChecked", found.head_checked}};
    if (found.first != 0) {
        out["first"] = found.first;
        out["last"] = found.last.sequence;
        out["hash"] = audit::hash_text(found.last.hash);
    }
    if (found.broken) out["break"] = as_json(*found.broken);
    boost::json::array notes;
    for (const audit::finding& note : found.notes)
        notes.push_back(as_json(note));
    out["notes"] = std::move(notes);
    world.out << encoding::json_text(out) << '\n';
}

void print_text(const audit::verdict& found, const options& given, const surroundings& world) {
    if (!given.quiet) {
        for (const audit::finding& note : found.notes)
            world.err << printable(note.at.text() + ": note: " + note.message) << '\n';
    }
    if (found.broken) {
        world.err << printable(found.broken->at.text() + ": broken: " + found.broken->message)
                  << '\n';
        return;
    }
    if (given.quiet) return;
    world.out << "ok: " << counted(found.records, "record");
    if (found.first != 0) {
        world.out << ", numbers " << found.first << " to " << found.last.sequence
                  << ", the last with hash " << audit::hash_text(found.last.hash);
    }
    world.out << (found.head_checked ? "" : "; the end was not compared with a head") << '\n';
}

exit_code verify(const options& given, const surroundings& world) {
    exit_code code = exit_code::ok;
    std::optional<audit::options> log;
    if (given.audit.files.empty()) {
        log = configured(given, world, code);
        if (!log) return code;
    }
    const auto found =
        log ? audit::verify_log(log->output, log->head_file) : verify_named(given.audit);
    if (!found) return complain(world, found.error().message, exit_code::failure);
    if (given.output == output_format::json) {
        print_json(*found, world);
    } else {
        print_text(*found, given, world);
    }
    return found->broken ? exit_code::failure : exit_code::ok;
}

exit_code tail(const options& given, const surroundings& world) {
    std::string path = given.audit.log;
    if (path.empty()) {
        exit_code code = exit_code::ok;
        const auto log = configured(given, world, code);
        if (!log) return code;
        path = log->output;
    }
    const auto print = [&](std::string_view line) {
        if (given.output == output_format::json) {
            world.out << line << '\n';
        } else {
            world.out << audit_line_text(line) << '\n';
        }
    };
    auto follower = audit::log_follower::open(path, given.audit.lines, print);
    if (!follower) return complain(world, follower.error().message, exit_code::failure);
    while (given.audit.follow && world.out.flush()) {
        std::this_thread::sleep_for(follow_every);
        if (const auto more = follower->poll(print); !more)
            return complain(world, more.error().message, exit_code::failure);
    }
    return exit_code::ok;
}

}  // namespace

exit_code run_audit(const options& given, const surroundings& world) {
    return given.audit.what == audit_request::kind::verify ? verify(given, world)
                                                           : tail(given, world);
}

}  // namespace cli
