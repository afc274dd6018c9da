#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/daemon_control.hpp"

namespace admin {

enum class operation {
    live,
    ready,
    whoami,
    status,
    explain,
    reload,
    list_events,
    add_event,
    cancel_event,
    complete_event,
    show_options,
    change_options,
    env,
    env_of,
    identity,
    list_keys,
    publish_key,
    activate_key,
    rotate_key,
    retire_key,
    revoke_key,
    list_revocations,
    revoke,
};
std::string_view to_string(operation value);

enum class audience {
    anyone,     ///< whoever can open the socket; the answer tells nothing about others
    operators,  ///< see `operators`
};

/// One thing that the admin socket can be asked for.
struct permit {
    std::string_view method;  ///< GET stands for HEAD as well
    std::string_view path;    ///< compared byte by byte: no decoding, no trailing slash
    operation what;
    audience who;
    bool audited;  ///< reported also when it was allowed; refusals always are
};

/// All that is reachable. What is not in this table does not exist.
inline constexpr auto permits = std::to_array<permit>({
    {"GET", "/livez", operation::live, audience::anyone, false},
    {"GET", "/readyz", operation::ready, audience::anyone, false},
    {"GET", "/v1/whoami", operation::whoami, audience::anyone, false},
    // Certificates are public.
    {"GET", "/v1/identity", operation::identity, audience::anyone, false},
    {"GET", "/v1/status", operation::status, audience::operators, false},
    // Names the caller's own id and token, which serve nobody else.
    {"GET", "/v1/env", operation::env, audience::anyone, false},
    {"GET", "/v1/env/of", operation::env_of, audience::operators, true},
    // Reads facts of any process and tells whose role it would get.
    {"GET", "/v1/explain", operation::explain, audience::operators, true},
    {"POST", "/v1/explain", operation::explain, audience::operators, true},
    {"POST", "/v1/reload", operation::reload, audience::operators, true},
    {"GET", "/v1/events", operation::list_events, audience::operators, false},
    {"POST", "/v1/events", operation::add_event, audience::operators, true},
    {"POST", "/v1/events/cancel", operation::cancel_event, audience::operators, true},
    {"POST", "/v1/events/complete", operation::complete_event, audience::operators, true},
    {"GET", "/v1/options", operation::show_options, audience::operators, false},
    {"POST", "/v1/options", operation::change_options, audience::operators, true},
    // Ids, phases and times; never a key.
    {"GET", "/v1/keys", operation::list_keys, audience::operators, false},
    {"POST", "/v1/keys/publish", operation::publish_key, audience::operators, true},
    {"POST", "/v1/keys/activate", operation::activate_key, audience::operators, true},
    {"POST", "/v1/keys/rotate", operation::rotate_key, audience::operators, true},
    {"POST", "/v1/keys/retire", operation::retire_key, audience::operators, true},
    {"POST", "/v1/keys/revoke", operation::revoke_key, audience::operators, true},
    {"GET", "/v1/revocations", operation::list_revocations, audience::operators, false},
    {"POST", "/v1/revoke", operation::revoke, audience::operators, true},
});

struct permit_lookup {
    const permit* entry = nullptr;  ///< null: not permitted
    std::string allow;  ///< methods that the path knows, for `Allow` (RFC 9110 §15.5.6); empty: no
                        ///< such path
};
permit_lookup find_permit(std::string_view method, std::string_view path);

/// A peer as the kernel vouches for it: SO_PEERCRED, and the supplementary groups that the process
/// had when it connected (SO_PEERGROUPS).
struct identified_peer {
    peer who;
    std::vector<std::uint32_t> groups;
};

/// Who may do what is meant for operators: root, the daemon's own uid, members of one group.
struct operators {
    std::uint32_t own_uid = 0;
    std::optional<std::uint32_t> group;
    /// Stands for "a user of another user namespace" (/proc/sys/kernel/overflowuid): it names
    /// nobody, so it is never an operator, not even when the daemon runs under that very id.
    std::uint32_t overflow_uid = 65534;
};
bool is_operator(const identified_peer& peer, const operators& allowed);
bool may(const permit& entry, const identified_peer& peer, const operators& allowed);

}  // namespace admin
