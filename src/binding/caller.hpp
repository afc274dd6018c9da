#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"

namespace binding {

/// What is known about the other end of a connection. Facts come from the kernel, never from the
/// request. A fact that could not be had is absent; an absent fact never lets a rule match.
struct caller {
    enum class origin {
        unknown,  ///< local, but the kernel no longer vouches for it (socket closed, inode 0,
                  ///< overflow uid)
        local,    ///< a process of this host's network namespace
        network,  ///< another host or network namespace: known by address and interface only
    };
    origin from = origin::unknown;
    std::string_view why_unknown;  ///< constant text, for origin::unknown

    std::optional<std::uint32_t> uid;  ///< local
    std::optional<std::uint64_t>
        cgroup_id;  ///< local: kernfs id of the socket's cgroup, not the root's
    /// Below: resolved from uid and cgroup_id, only when a rule needs them.
    std::optional<std::vector<std::uint32_t>> groups;  ///< primary and supplementary
    std::optional<std::string> cgroup;                 ///< "/system.slice/x.service"
    std::optional<std::string> unit;                   ///< unit of the host's system manager
    std::optional<std::string> user_unit;  ///< unit of the user manager of `user_unit_uid`
    std::optional<std::uint32_t> user_unit_uid;

    std::optional<base::ip_address> address;  ///< the peer's
    std::string interface;                    ///< network: the device the connection came in by
    std::string listener;                     ///< name of the listener in the configuration
};

/// One line for logs and refusals: "uid=1000 unit=backup.service" or "address=10.0.0.7 dev=eth0".
std::string describe(const caller& who);

/// A cgroup path, relative to the cgroup root of the host's system manager, taken apart.
/// "/system.slice/a.service" is unit a.service. What lies below a user manager (user@UID.service)
/// is a user_unit of UID. Whatever lies below a unit (a delegated subtree, a container's payload)
/// has no unit: an equally named unit inside a container ends in the same suffix.
struct unit_facts {
    std::optional<std::string> unit;
    std::optional<std::string> user_unit;
    std::optional<std::uint32_t> user_unit_uid;
};
unit_facts units_of_cgroup(std::string_view path);

}  // namespace binding
