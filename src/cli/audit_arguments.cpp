#include "cli/audit_arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace cli {

void add_audit_arguments(CLI::App& app, audit_request& into) {
    app.require_subcommand(1);
    app.fallthrough();  // --config and -o may follow the subcommand
    CLI::App* verify =
        app.add_subcommand("verify", "Check that no record was changed, removed, moved or added");
    verify
        ->add_option("file", into.files,
                     "Files of one log (default: the configured one and those before it)")
        ->type_name("FILE");
    verify->add_option("--head", into.head, "Head that the files must reach: audit-head.json")
        ->type_name("FILE");
    CLI::App* tail = app.add_subcommand("tail", "Show the last records");
    tail->add_option("file", into.log, "The log (default: the configured one)")->type_name("FILE");
    tail->add_option("-n,--lines", into.lines, "How many, default 10")
        ->check(CLI::Range(std::size_t(0), std::size_t(1'000'000)))
        ->type_name("N");
    tail->add_flag("-f,--follow", into.follow, "Go on with those that come");
}

void read_audit_arguments(const CLI::App& app, audit_request& into) {
    const bool verify = app.got_subcommand("verify");
    into.what = verify ? audit_request::kind::verify : audit_request::kind::tail;
    if (!into.head.empty() && into.files.empty())
        throw CLI::ValidationError("--head: name the files; the configured log has its own head");
}

}  // namespace cli
