#include "daemon/serve.hpp"

#include <cstdio>
#include <signal.h>
#include <system_error>

#include "config/configuration.hpp"
#include "daemon/instance.hpp"
#include "daemon/issuer_alone.hpp"
#include "daemon/log.hpp"
#include "daemon/service_manager.hpp"
#include "host/hardening.hpp"
#include "host/held_signals.hpp"
#include "host/system_clock.hpp"
#include "host/system_random.hpp"

namespace daemon_ {

namespace {

constexpr int exit_ok = 0;
constexpr int exit_failure = 1;
constexpr int exit_configuration = 3;

log::level least_level(const serve_options& options) {
    if (options.quiet) return log::level::warning;
    return options.verbose ? log::level::debug : log::level::info;
}

}  // namespace

int serve(const serve_options& options) {
    log::start(least_level(options));
    if (const auto hardened = host::harden_process(); !hardened) {
        log::error(hardened.error().message);
        return exit_failure;
    }
    ::signal(SIGPIPE, SIG_IGN);
    // A reload or a log rotation that comes while we start is done after it; see watch_signals.
    host::hold_signals({SIGHUP, SIGUSR1});

    config::load_result loaded = config::load(options.config, config::system_environment());
    for (const config::diagnostic& d : loaded.diagnostics) {
        std::fprintf(stderr, "%s%s\n", d.warning ? "warning: " : "", d.text().c_str());
    }
    if (!loaded.loaded) return exit_configuration;
    if (options.issuer_alone) {
        if (const auto kept = keep_issuer_alone(*loaded.loaded); !kept) {
            std::fprintf(stderr, "%s: %s\n", options.config.c_str(), kept.error().message.c_str());
            return exit_configuration;
        }
    }

    static const host::system_clock clock;
    static host::system_random random;
    try {
        auto daemon =
            instance::create(options.config, options.issuer_alone, std::move(*loaded.loaded),
                             service_manager::take_sockets(), clock, random);
        if (!daemon) {
            log::error(daemon.error().message);
            return exit_failure;
        }
        (*daemon)->run();
    } catch (const std::system_error& e) {
        log::error(e.what());
        return exit_failure;
    }
    return exit_ok;
}

}  // namespace daemon_
