#include "cli/key_arguments.hpp"

#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "sts/session/key_ring.hpp"

namespace cli {

namespace {

using action = admin::key_request::action;

struct key_verb {
    action what;
    const char* summary;
    const char* force;  ///< null: takes no --force
};
constexpr key_verb key_verbs[] = {
    {action::rotate, "Make a new key and seal with it; what the old one sealed stays good",
     "Although replicas may not know it yet"},
    {action::publish, "Make a new key that every replica can learn before it is used", nullptr},
    {action::activate, "Seal with a published key; what the old one sealed stays good",
     "Although replicas may not know it yet"},
    {action::retire, "Delete a replaced key when nothing that it sealed can be in use any more",
     "Now: sessions that it sealed end"},
    {action::revoke, "Delete a compromised key now: sessions that it sealed end", nullptr},
};

bool makes_a_key(action what) {
    return what == action::rotate || what == action::publish;
}

}  // namespace

void add_key_arguments(CLI::App& app, admin::key_request& words) {
    app.require_subcommand(1);
    // -o, --socket and the like may follow the subcommand.
    app.fallthrough();
    app.add_subcommand("list", "Show the keys, their phases and times; no key itself");
    std::vector<std::string> purposes;
    for (const auto what : sts::key_ring::purposes)
        purposes.emplace_back(sts::to_string(what));
    for (const key_verb& each : key_verbs) {
        CLI::App* verb = app.add_subcommand(std::string(admin::to_string(each.what)), each.summary);
        if (makes_a_key(each.what)) {
            verb->add_option("--purpose", words.purpose,
                             "session_token (default), authorization_message or stored_secret")
                ->check(CLI::IsMember(purposes))
                ->type_name("PURPOSE");
        } else {
            verb->add_option("key", words.key, "The key, as 'list' names it")
                ->required()
                ->check(CLI::Range(1, 0xffff))
                ->type_name("KEY");
        }
        if (each.force) verb->add_flag("--force", words.force, each.force);
    }
}

keys_request read_key_arguments(const CLI::App& app, const admin::key_request& words) {
    keys_request request;
    const std::string chosen = app.get_subcommands().front()->get_name();
    request.list = chosen == "list";
    request.change = words;
    for (const key_verb& each : key_verbs)
        if (chosen == admin::to_string(each.what)) request.change.what = each.what;
    return request;
}

}  // namespace cli
