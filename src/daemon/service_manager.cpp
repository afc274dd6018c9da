#include "daemon/service_manager.hpp"

#include <cstdlib>
#include <time.h>

#include <systemd/sd-daemon.h>

namespace daemon_ {

std::map<std::string, std::vector<int>> service_manager::take_sockets() {
    std::map<std::string, std::vector<int>> sockets;
    char** names = nullptr;
    const int count = ::sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        sockets[names && names[i] ? names[i] : ""].push_back(SD_LISTEN_FDS_START + i);
        if (names) std::free(names[i]);
    }
    std::free(names);
    return sockets;
}

void service_manager::ready(std::string_view status) {
    ::sd_notifyf(0, "READY=1\nSTATUS=%.*s", int(status.size()), status.data());
}

void service_manager::reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const long long usec = now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
    ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", usec);
}

void service_manager::stopping() {
    ::sd_notify(0, "STOPPING=1");
}

void service_manager::status(std::string_view text) {
    ::sd_notifyf(0, "STATUS=%.*s", int(text.size()), text.data());
}

std::optional<std::chrono::microseconds> service_manager::watchdog_interval() {
    std::uint64_t usec = 0;
    if (::sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return std::chrono::microseconds(usec / 2);
}

void service_manager::alive() {
    ::sd_notify(0, "WATCHDOG=1");
}

}  // namespace daemon_
