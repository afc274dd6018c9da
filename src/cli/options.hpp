#pragma once

#include <string>
#include <vector>

#include "admin/daemon_control.hpp"
#include "base/clock.hpp"
#include "cli/audit_arguments.hpp"
#include "cli/key_arguments.hpp"
#include "cli/policy_request.hpp"
#include "cli/revoke_arguments.hpp"

namespace cli {

/// Where the configuration is when neither a flag nor the environment says.
inline constexpr const char* default_config = "/etc/imdsd/imdsd.yaml";

enum class output_format { text, json };

/// `event` and `options`: what the daemon is asked for.
struct live_request {
    enum class kind { show, change, cancel, complete };
    kind what = kind::show;
    std::string query;  ///< of the admin operation
};

/// The command line as read, the environment's share included (a flag goes before IMDSD_CONFIG and
/// IMDSD_SOCKET).
struct options {
    std::string config;  ///< empty: not named
    bool config_from_environment = false;
    std::string socket;  ///< empty: not named
    output_format output = output_format::text;
    bool verbose = false;
    bool quiet = false;
    base::seconds timeout{5};        ///< for the daemon's answer
    std::vector<std::string> files;  ///< check
    admin::explain_query facts;      ///< explain
    admin::environment_query whose;  ///< env: nothing set means the caller
    std::string token_file;          ///< env: where the token goes; empty: it is printed
    live_request live_change;        ///< event, options
    policy_request policy;           ///< policy
    keys_request keys;               ///< keys
    audit_request audit;             ///< audit
    revoke_arguments revoke;         ///< revoke
    bool admin_credentials = false;  ///< issuer: print them instead of running
    std::string signature_kind;      ///< identity certificate: "pkcs7" and the like; empty: all
    bool live = false;               ///< healthcheck: ask only whether the daemon answers
};

}  // namespace cli
