#include "cli/revoke_arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/time_text.hpp"

namespace cli {

namespace {

using target = admin::revoke_request::target;

struct revoke_verb {
    target what;
    const char* summary;
    const char* subject;
    const char* type_name;
    bool by_time;
};
constexpr revoke_verb revoke_verbs[] = {
    {target::role, "End the sessions of a role", "The role", "ARN", true},
    {target::user, "End the sessions of a user, and of those it vouched for", "The user", "ARN",
     true},
    {target::root, "End the sessions of an account's root", "The account", "ACCOUNT", true},
    {target::session, "End one session", "Its id, as audit records show it", "SESSION", false},
    {target::key, "End the session of an access key (ASIA...), or make a key inactive (AKIA...)",
     "The access key id", "KEY", false},
};

}  // namespace

void add_revoke_arguments(CLI::App& app, raw_revoke& raw) {
    app.require_subcommand(1);
    // -o, --socket and the like may follow the subcommand.
    app.fallthrough();
    app.add_subcommand("list", "Show what is revoked");
    for (const revoke_verb& each : revoke_verbs) {
        CLI::App* verb = app.add_subcommand(std::string(admin::to_string(each.what)), each.summary);
        verb->add_option("subject", raw.subject, each.subject)
            ->required()
            ->type_name(each.type_name);
        if (each.by_time) {
            verb->add_option("--before", raw.before,
                             "Those issued before it, such as 2026-11-22T08:09:10Z; default: now")
                ->type_name("TIME");
        }
        verb->add_option("--reason", raw.reason, "Why, for the record")->type_name("TEXT");
    }
}

revoke_arguments read_revoke_arguments(const CLI::App& app, const raw_revoke& raw) {
    revoke_arguments read;
    const std::string chosen = app.get_subcommands().front()->get_name();
    read.list = chosen == "list";
    if (read.list) return read;
    admin::revoke_request request;
    request.what = *admin::parse_revoke_target(chosen);
    request.subject = raw.subject;
    request.reason = raw.reason;
    if (!raw.before.empty()) {
        const auto time = base::parse_iso8601(raw.before);
        if (!time)
            throw CLI::ValidationError("--before: a time such as 2026-11-22T08:09:10Z, in UTC");
        request.before = *time;
    }
    read.query = admin::format_revoke_query(request);
    // Held to the same rules as in the daemon.
    if (const auto again = admin::parse_revoke_query(read.query); !again)
        throw CLI::ValidationError("revoke: " + again.error().message);
    return read;
}

}  // namespace cli
