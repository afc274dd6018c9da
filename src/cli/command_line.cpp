#include "cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "admin/explain_query.hpp"
#include "base/time_text.hpp"
#include "cli/audit_arguments.hpp"
#include "cli/key_arguments.hpp"
#include "cli/live_arguments.hpp"
#include "cli/policy_arguments.hpp"

namespace cli {

namespace {

constexpr base::seconds longest_timeout = base::seconds(600);

std::string exit_code_table() {
    std::string text = "Exit codes:\n";
    for (const exit_code_row& row : exit_codes) {
        text += "  " + std::to_string(int(row.code)) + "  " + std::string(row.meaning) + '\n';
    }
    return text;
}

struct raw_options {
    std::string output = "text";
    std::string timeout;
    raw_words event;
    raw_policy policy;
    raw_words metadata_options;
    admin::key_request keys;
    raw_revoke revoke;
    bool reset_options = false;
};

void add_options(CLI::App& app, unsigned takes, options& given, raw_options& raw) {
    if (takes & takes_config) {
        // A client only learns from it where the daemon's socket is.
        const std::string help = takes & takes_daemon
                                     ? std::string("Configuration that the daemon runs with")
                                     : std::string("Configuration file, default ") + default_config;
        app.add_option("--config", given.config, help + " (environment: IMDSD_CONFIG)")
            ->type_name("FILE");
    }
    if (takes & takes_daemon) {
        app.add_option("--socket", given.socket,
                       "The daemon's admin socket (environment: IMDSD_SOCKET)")
            ->type_name("PATH");
        app.add_option("--timeout", raw.timeout, "How long to wait for the daemon, such as 5s")
            ->type_name("TIME");
    }
    if (takes & takes_output) {
        app.add_option("-o,--output", raw.output, "Form of the output, default text")
            ->check(CLI::IsMember(std::vector<std::string>{"text", "json"}))
            ->type_name("FORMAT");
    }
    if (takes & takes_talk) {
        app.add_flag("-v,--verbose", given.verbose, "Say more");
        app.add_flag("-q,--quiet", given.quiet, "Say only what went wrong");
    }
    if (takes & takes_files) {
        app.add_option("file", given.files, "Files to check (default: the one of --config)")
            ->type_name("FILE");
    }
    if (takes & takes_facts) {
        app.add_option("--user", given.facts.user, "User name or uid")->type_name("USER");
        app.add_option("--pid", given.facts.pid, "A running process; its facts are read")
            ->type_name("PID");
        app.add_option("--unit", given.facts.unit, "systemd unit")->type_name("UNIT");
        app.add_option("--cgroup", given.facts.cgroup, "Path of the control group")
            ->type_name("PATH");
        app.add_option("--address", given.facts.address, "Address of a caller on another host")
            ->type_name("ADDRESS");
        app.add_option("--interface", given.facts.interface, "Network interface it comes in by")
            ->type_name("NAME");
        app.add_option("--listener", given.facts.listener, "Listener that it connects to")
            ->type_name("NAME");
    }
    if (takes & takes_whose) {
        auto* profile = app.add_option("--profile", given.whose.profile,
                                       "Of the binding to that profile, not the caller's");
        profile->type_name("NAME");
        app.add_option("--binding", given.whose.binding,
                       "Of the binding written there, as 'imdsd explain' tells it")
            ->type_name("FILE:LINE")
            ->excludes(profile);
        app.add_option("--token-file", given.token_file,
                       "Write the token to this file instead of printing it")
            ->type_name("PATH");
    }
    if (takes & takes_event) add_event_arguments(app, raw.event);
    if (takes & takes_keys) add_key_arguments(app, raw.keys);
    if (takes & takes_revoke) add_revoke_arguments(app, raw.revoke);
    if (takes & takes_issuer) {
        app.fallthrough();
        app.require_subcommand(0, 1);
        app.add_subcommand("admin-credentials",
                           "Print the administrator's access key as credential_process wants it");
    }
    if (takes & takes_policy) add_policy_arguments(app, raw.policy);
    if (takes & takes_audit) add_audit_arguments(app, given.audit);
    if (takes & takes_options) add_options_arguments(app, raw.metadata_options, raw.reset_options);
    if (takes & takes_identity) {
        app.require_subcommand(1);
        app.fallthrough();  // -o, --socket and the like may follow the subcommand
        app.add_subcommand("certificate", "Print the certificates in PEM form")
            ->add_option("--kind", given.signature_kind, "Of one signature only")
            ->check(CLI::IsMember(std::vector<std::string>{"signature", "pkcs7", "rsa2048"}))
            ->type_name("KIND");
    }
    if (takes & takes_live) {
        app.add_flag("--live", given.live, "Ask only whether the daemon answers at all");
    }
}

/// Facts are held to the same rules as in the daemon's own query.
void check_facts(const admin::explain_query& facts) {
    // A fact that is empty text is not formatted away: the parser reports it.
    const auto read = admin::parse_explain_query(admin::format_explain_query(facts));
    if (read) return;
    const bool none = admin::format_explain_query(facts).empty();
    throw CLI::ValidationError(
        none ? "explain: name at least one of --user, --pid, --unit, --cgroup, --address, "
               "--interface and --listener"
             : "explain: " + read.error().message);
}

void finish(options& given, const raw_options& raw, const surroundings& world) {
    given.output = raw.output == "json" ? output_format::json : output_format::text;
    if (!raw.timeout.empty()) {
        const auto timeout = base::parse_duration(raw.timeout);
        if (!timeout || *timeout > longest_timeout) {
            throw CLI::ValidationError("--timeout: a duration such as 5s, at most 10m");
        }
        given.timeout = *timeout;
    }
    const auto from_environment = [&world](std::string& value, std::string_view name) {
        if (!value.empty()) return;
        value = world.environment.variable(name).value_or(std::string());
    };
    const bool named = !given.config.empty();
    from_environment(given.config, "IMDSD_CONFIG");
    given.config_from_environment = !named && !given.config.empty();
    from_environment(given.socket, "IMDSD_SOCKET");
}

}  // namespace

command_line parse_command_line(std::vector<std::string> arguments, const surroundings& world) {
    command_line read;
    raw_options raw;
    CLI::App app("EC2 instance metadata and AWS STS for machines that are not on EC2", "imdsd");
    app.set_version_flag("-V,--version", std::string("imdsd ") + IMDSD_VERSION);
    app.require_subcommand(0, 1);
    app.get_formatter()->column_width(34);
    app.footer(exit_code_table());
    // Options may stand before the verb as well.
    add_options(app, takes_client, read.given, raw);
    std::vector<CLI::App*> parsers;
    for (const verb& each : verbs) {
        CLI::App* sub = app.add_subcommand(std::string(each.name), std::string(each.summary));
        add_options(*sub, each.takes, read.given, raw);
        parsers.push_back(sub);
    }
    // CLI11 takes the arguments from the back.
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
        const CLI::App* parser = nullptr;
        for (std::size_t i = 0; i < verbs.size(); ++i) {
            if (!parsers[i]->parsed()) continue;
            read.chosen = &verbs[i];
            parser = parsers[i];
        }
        if (read.chosen == nullptr) {
            world.err << app.help();
            read.finished = exit_code::usage;
            return read;
        }
        finish(read.given, raw, world);
        if (read.chosen->takes & takes_facts) check_facts(read.given.facts);
        if (read.chosen->takes & takes_event)
            read.given.live_change = read_event_arguments(*parser, raw.event, world);
        if (read.chosen->takes & takes_keys)
            read.given.keys = read_key_arguments(*parser, raw.keys);
        if (read.chosen->takes & takes_revoke)
            read.given.revoke = read_revoke_arguments(*parser, raw.revoke);
        if (read.chosen->takes & takes_issuer)
            read.given.admin_credentials = !parser->get_subcommands().empty();
        if (read.chosen->takes & takes_policy)
            read.given.policy = read_policy_arguments(*parser, raw.policy);
        if (read.chosen->takes & takes_audit) read_audit_arguments(*parser, read.given.audit);
        if (read.chosen->takes & takes_options)
            read.given.live_change =
                read_options_arguments(raw.metadata_options, raw.reset_options);
    } catch (const CLI::ParseError& problem) {
        const int code = app.exit(problem, world.out, world.err);
        read.chosen = nullptr;
        read.finished = code == 0 ? exit_code::ok : exit_code::usage;
    }
    return read;
}

}  // namespace cli
