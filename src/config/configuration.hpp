#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/journal.hpp"
#include "base/error.hpp"
#include "binding/rules.hpp"
#include "config/store_options.hpp"
#include "net/limits.hpp"
#include "net/tls_server.hpp"
#include "pod_identity/options.hpp"
#include "profile/role_profile.hpp"
#include "sts/definitions.hpp"
#include "sts/session/wrapping_key.hpp"

namespace config {

/// A place where the daemon listens.
struct listener {
    enum class kind { imds, sts, container, pod_identity, health };
    std::string name;
    kind serves = kind::imds;
    std::string address;     ///< IP literal
    std::uint16_t port = 0;  ///< 0: any (tests); the ready line names it
    std::string interface;   ///< SO_BINDTODEVICE; empty: not bound to a device
    /// Host header values accepted besides the bound address (with and without its port) and, on
    /// loopback, `localhost`.
    std::vector<std::string> allowed_hosts;
    /// IMDSv1: refuse X-Forwarded-For on GET as well.
    bool refuse_forwarded_get = false;
    std::shared_ptr<const net::tls_identity> tls;  ///< null: plain HTTP
    std::string where;                             ///< file:line
};
const char* to_string(listener::kind kind);

/// An origin of credentials. Only the core issuer for now; others are refused by name at load.
struct source_options {
    enum class kind { core };
    std::string name;
    kind origin = kind::core;
};

struct admin_options {
    std::string
        socket;  ///< path; default $XDG_RUNTIME_DIR/imdsd/admin.sock or /run/imdsd/admin.sock
    std::optional<std::uint32_t> group;  ///< members may read status, explain, reload
};

/// Where captures of EC2 differ, or are unkind to clients. All off by default.
struct compat_options {
    bool expect_ec2 = false;  ///< expect: ec2 answers Expect with 417, as EC2 does
    bool redirect_slashless_directories = false;  ///< slashless_directories: redirect
    bool close_connections = false;               ///< connection: close
    bool extended_credentials = false;            ///< iam/security-credentials-extended/ is there
    /// access_key_id_alias: credential documents bear `AccessKeyID` (and `Code`), which minio-js
    /// reads.
    bool access_key_id_alias = false;
};

/// How the issuer's keys are kept and follow each other.
struct key_ring_options {
    /// The first one wraps the ring, all open it.
    std::vector<sts::wrapping_key_source> wrapping_keys{sts::wrapping_key_source{}};
    base::seconds rotate_every{30 * 24 * 3600};  ///< see sts::key_policy
};

/// One configuration, checked as a whole. References between its parts are resolved.
struct configuration {
    std::vector<listener> listeners;
    unsigned workers = 1;
    net::session_limits limits;
    compat_options compat;
    std::vector<source_options> sources;
    std::vector<profile::role_profile> profiles;  ///< not yet resolved against host facts
    std::vector<binding::rule> bindings;
    sts::issuer_options issuer;
    /// The account that an empty store gets at the first start; empty: one is made up then.
    std::string first_account;
    store_options store;
    key_ring_options key_ring;
    std::vector<sts::account_definition> accounts;
    std::optional<sts::organization> organization;
    std::string state_directory;
    admin_options admin;
    audit::options audit;
    /// Socket of the Docker or Podman service that is asked about callers; empty: none is.
    std::string container_engine_socket;
    pod_identity::options pods;
};

struct diagnostic {
    std::string file;
    int line = 0;    ///< from 1
    int column = 0;  ///< from 1
    std::string message;
    bool warning = false;
    /// "file:line:column: message"
    std::string text() const;
};

/// What configuration depends on besides its files. Injected, so that checks are repeatable.
struct environment {
    virtual ~environment() = default;
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    virtual std::optional<std::uint32_t> uid_of_user(const std::string& name) const = 0;
    virtual std::optional<std::uint32_t> gid_of_group(const std::string& name) const = 0;
    virtual std::uint32_t own_uid() const = 0;
    /// error_kind::not_found: there is no such file.
    virtual base::result<std::string> read_file(const std::string& path) const = 0;
};

/// The process's own environment variables, NSS and files.
const environment& system_environment();

struct load_result {
    std::optional<configuration> loaded;  ///< absent when there is any error
    std::vector<diagnostic> diagnostics;  ///< all errors and warnings, in file order
};

/// Reads and checks a configuration file and what it refers to. Strict: unknown keys (with the
/// nearest known one), duplicate keys, wrong types, ranges, dangling references are errors; all of
/// them are reported at once.
load_result load(const std::string& path, const environment& from);

}  // namespace config
