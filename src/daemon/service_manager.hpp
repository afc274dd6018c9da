#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daemon_ {

/// systemd's side of the process (sd_notify(3), sd_listen_fds(3)); all of it does nothing when
/// there is no service manager.
class service_manager {
public:
    /// Sockets passed in, by their LISTEN_FDNAMES name. Takes them out of the environment, so that
    /// no child inherits them. Call once, before other threads exist.
    static std::map<std::string, std::vector<int>> take_sockets();

    static void ready(std::string_view status);
    static void reloading();
    static void stopping();
    static void status(std::string_view text);
    /// Half of WATCHDOG_USEC; nothing when no watchdog is wanted.
    static std::optional<std::chrono::microseconds> watchdog_interval();
    static void alive();
};

}  // namespace daemon_
