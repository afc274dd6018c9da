#include "cli/live_arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "admin/live_queries.hpp"
#include "encoding/percent.hpp"

namespace cli {

namespace {

struct argument {
    const char* flag;
    const char* type;
    const char* help;
};

constexpr argument profile{"--profile", "NAME", "For this profile; default: for all"};
constexpr argument at{"--at", "TIME", "When it shows, such as 2026-11-22T08:09:10Z; default now"};
constexpr argument in{"--in", "DURATION", "How long until it shows, such as 10m"};

/// An empty variable of a script must not widen what is asked for.
std::string not_empty(const std::string& value) {
    return value.empty() ? "must not be empty" : "";
}

/// "--not-before" -> "not-before", the name in the query.
void add(CLI::App& app, raw_words& words, const argument& what) {
    const std::string flag = what.flag;
    const std::string name = flag.substr(flag.find_first_not_of('-'));
    app.add_option(flag, words[name], what.help)->type_name(what.type)->check(not_empty);
}

CLI::App* add_kind(CLI::App& app, raw_words& words, const char* name, const char* summary,
                   std::initializer_list<argument> own) {
    CLI::App* kind = app.add_subcommand(name, summary);
    for (const argument& each : own)
        add(*kind, words, each);
    for (const argument& each : {at, in, profile})
        add(*kind, words, each);
    return kind;
}

std::string query_of(const raw_words& words) {
    std::string query;
    for (const auto& [name, value] : words) {
        if (value.empty() || name == "key-file") continue;
        query += (query.empty() ? "" : "&") + name + "=";
        encoding::percent_encode(value, query);
    }
    return query;
}

[[noreturn]] void wrong(const std::string& verb, const std::string& message) {
    throw CLI::ValidationError(verb + ": " + message);
}

/// Keys come from a file as a rule: they are long.
void read_key_file(raw_words& words, const surroundings& world) {
    const std::string path = words["key-file"];
    if (path.empty()) return;
    if (!words["key"].empty()) wrong("event ssh-key", "--key and --key-file exclude each other");
    const auto text = world.environment.read_file(path);
    if (!text) wrong("event ssh-key", text.error().message);
    words["key"] = *text;
    // The last newline is the file's, not the key's.
    if (!words["key"].empty() && words["key"].back() == '\n') words["key"].pop_back();
    if (words["key"].empty()) wrong("event ssh-key", path + " is empty");
}

}  // namespace

void add_event_arguments(CLI::App& app, raw_words& words) {
    app.require_subcommand(1);
    // -o, --socket and the like may follow the subcommand.
    app.fallthrough();
    add_kind(app, words, "spot-interruption", "Give notice that a Spot Instance is interrupted",
             {{"--action", "ACTION", "terminate (default), stop or hibernate"},
              {"--notice", "DURATION",
               "From the notice to the action; default 2m, none before hibernation"}});
    add_kind(app, words, "rebalance", "Recommend to rebalance", {});
    add_kind(app, words, "maintenance", "Schedule maintenance of the instance",
             {{"--code", "CODE",
               "instance-reboot, system-reboot, system-maintenance, instance-retirement or "
               "instance-stop"},
              {"--description", "TEXT", "What is told about it"},
              {"--not-before", "TIME", "Earliest start; default a week after it shows"},
              {"--not-after", "TIME", "Latest end; default two hours after the start"},
              {"--not-before-deadline", "TIME", "Latest start"}});
    add_kind(app, words, "autoscaling", "Set the target lifecycle state in the Auto Scaling group",
             {{"--state", "STATE",
               "Detached, InService, Standby, Terminated, Warmed:Hibernated, Warmed:Running, "
               "Warmed:Stopped or Warmed:Terminated"}});
    add_kind(app, words, "ssh-key", "Push a public key for EC2 Instance Connect, for a minute",
             {{"--user", "NAME", "User of the instance"},
              {"--key", "TEXT", "The public key"},
              {"--key-file", "FILE", "File with the public key, or with the signed list"}});
    app.add_subcommand("list", "Show the events that there are");
    for (const auto& [name, summary] :
         {std::pair{"cancel", "Take an event back; maintenance goes to the history"},
          {"complete", "Maintenance is done; it goes to the history"}}) {
        app.add_subcommand(name, summary)
            ->add_option("id", words["id"], "The event, as 'list' names it")
            ->required()
            ->type_name("EVENT");
    }
}

live_request read_event_arguments(const CLI::App& app, const raw_words& given,
                                  const surroundings& world) {
    raw_words words = given;
    live_request request;
    const std::string chosen = app.get_subcommands().front()->get_name();
    if (chosen == "list") return {live_request::kind::show, {}};
    if (chosen == "cancel" || chosen == "complete") {
        request.what =
            chosen == "cancel" ? live_request::kind::cancel : live_request::kind::complete;
        request.query = admin::format_event_id_query(words["id"]);
        return request;
    }
    words.erase("id");
    words["kind"] = chosen;
    read_key_file(words, world);
    request.what = live_request::kind::change;
    request.query = query_of(words);
    const auto read = admin::parse_event_query(request.query);
    if (!read) wrong("event " + chosen, read.error().message);
    const auto event = admin::to_event(*read, world.clock.now());
    if (!event) wrong("event " + chosen, event.error().message);
    return request;
}

void add_options_arguments(CLI::App& app, raw_words& words, bool& reset) {
    add(app, words, {"--profile", "NAME", "Of this profile; default: of all"});
    add(app, words, {"--http-tokens", "MODE", "required or optional"});
    add(app, words, {"--http-endpoint", "MODE", "enabled or disabled"});
    add(app, words, {"--hop-limit", "NUMBER", "1 to 64: IP TTL of token answers"});
    add(app, words, {"--http-protocol-ipv6", "MODE", "enabled or disabled"});
    add(app, words, {"--instance-metadata-tags", "MODE", "enabled or disabled"});
    app.add_flag("--reset", reset, "Back to what the configuration says");
}

live_request read_options_arguments(const raw_words& words, bool reset) {
    live_request request;
    request.query = query_of(words);
    if (reset) request.query += request.query.empty() ? "reset=true" : "&reset=true";
    const auto read = admin::parse_options_query(request.query);
    if (!read) wrong("options", read.error().message);
    const bool asks = !read->reset && read->change.empty();
    request.what = asks ? live_request::kind::show : live_request::kind::change;
    return request;
}

}  // namespace cli
