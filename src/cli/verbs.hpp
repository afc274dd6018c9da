#pragma once

#include <array>
#include <string_view>

#include "cli/exit_codes.hpp"
#include "cli/options.hpp"
#include "cli/surroundings.hpp"

namespace cli {

exit_code run_serve(const options& given, const surroundings& world);
exit_code run_check(const options& given, const surroundings& world);
exit_code run_status(const options& given, const surroundings& world);
exit_code run_whoami(const options& given, const surroundings& world);
exit_code run_explain(const options& given, const surroundings& world);
exit_code run_reload(const options& given, const surroundings& world);
exit_code run_event(const options& given, const surroundings& world);
exit_code run_options(const options& given, const surroundings& world);
exit_code run_revoke(const options& given, const surroundings& world);
exit_code run_issuer(const options& given, const surroundings& world);
exit_code run_keys(const options& given, const surroundings& world);
exit_code run_policy(const options& given, const surroundings& world);
exit_code run_audit(const options& given, const surroundings& world);
exit_code run_healthcheck(const options& given, const surroundings& world);
exit_code run_env(const options& given, const surroundings& world);
exit_code run_identity(const options& given, const surroundings& world);
exit_code run_version(const options& given, const surroundings& world);

/// Groups of options that a verb takes.
enum option_group : unsigned {
    takes_config = 1,
    takes_daemon = 2,  ///< --socket, --timeout
    takes_output = 4,
    takes_talk = 8,  ///< -v, -q
    takes_files = 16,
    takes_facts = 32,
    takes_live = 64,
    takes_event = 128,      ///< subcommands, see live_arguments.hpp
    takes_options = 256,    ///< instance metadata options
    takes_whose = 512,      ///< --profile, --binding, --token-file
    takes_identity = 1024,  ///< certificate [--kind]
    takes_policy = 2048,    ///< subcommands, see policy_arguments.hpp
    takes_keys = 4096,      ///< subcommands, see key_arguments.hpp
    takes_audit = 8192,     ///< subcommands, see audit_arguments.hpp
    takes_revoke = 16384,   ///< subcommands, see revoke_arguments.hpp
    takes_issuer = 32768,   ///< admin-credentials
};

struct verb {
    std::string_view name;
    std::string_view summary;
    unsigned takes;
    exit_code (*run)(const options&, const surroundings&);
};

inline constexpr unsigned takes_client = takes_config | takes_daemon | takes_output | takes_talk;

inline constexpr auto verbs = std::to_array<verb>({
    {"serve", "Run the daemon", takes_config | takes_talk, run_serve},
    {"issuer", "Run the issuer alone, or print its administrator's credentials",
     takes_config | takes_talk | takes_issuer, run_issuer},
    {"check", "Check configuration files, without a daemon",
     takes_config | takes_output | takes_talk | takes_files, run_check},
    {"status", "Show what the daemon serves", takes_client, run_status},
    {"whoami", "Show which role the daemon gives to you", takes_client, run_whoami},
    {"explain", "Show why a caller gets a role, or gets none", takes_client | takes_facts,
     run_explain},
    {"reload", "Make the daemon read its configuration again", takes_client, run_reload},
    {"event", "Make something happen to instances: Spot, maintenance, Auto Scaling, SSH keys",
     takes_client | takes_event, run_event},
    {"options", "Show or change instance metadata options of the running daemon",
     takes_client | takes_options, run_options},
    {"policy", "Check policies, ask what they allow, and who can assume which role",
     takes_config | takes_output | takes_policy, run_policy},
    {"keys", "Show, rotate and revoke the keys that the issuer seals with",
     takes_client | takes_keys, run_keys},
    {"audit", "Check the audit log, or show its last records",
     takes_config | takes_output | takes_talk | takes_audit, run_audit},
    {"revoke", "End sessions before their time, or make an access key inactive",
     takes_client | takes_revoke, run_revoke},
    {"healthcheck", "Succeed when the daemon is ready", takes_client | takes_live, run_healthcheck},
    {"env", "Print the variables by which programs find the daemon", takes_client | takes_whose,
     run_env},
    {"identity", "Show what verifies the instance identity document", takes_client | takes_identity,
     run_identity},
    {"version", "Show the version", takes_output, run_version},
});

}  // namespace cli
