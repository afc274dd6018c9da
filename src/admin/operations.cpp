#include "admin/operations.hpp"

#include <algorithm>

namespace admin {

std::string_view to_string(operation value) {
    switch (value) {
        case operation::live:
            return "live";
        case operation::ready:
            return "ready";
        case operation::whoami:
            return "whoami";
        case operation::status:
            return "status";
        case operation::explain:
            return "explain";
        case operation::reload:
            return "reload";
        case operation::env:
            return "env";
        case operation::env_of:
            return "env_of";
        case operation::list_events:
            return "list events";
        case operation::add_event:
            return "add event";
        case operation::cancel_event:
            return "cancel event";
        case operation::complete_event:
            return "complete event";
        case operation::show_options:
            return "show options";
        case operation::change_options:
            return "change options";
        case operation::identity:
            return "identity";
        case operation::list_keys:
            return "list keys";
        case operation::publish_key:
            return "publish key";
        case operation::activate_key:
            return "activate key";
        case operation::rotate_key:
            return "rotate key";
        case operation::retire_key:
            return "retire key";
        case operation::revoke_key:
            return "revoke key";
        case operation::list_revocations:
            return "list revocations";
        case operation::revoke:
            return "revoke";
    }
    return "unknown";
}

permit_lookup find_permit(std::string_view method, std::string_view path) {
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    permit_lookup found;
    for (const permit& entry : permits) {
        if (entry.path != path) continue;
        if (entry.method == wanted) found.entry = &entry;
        if (!found.allow.empty()) found.allow += ", ";
        found.allow += entry.method;
        if (entry.method == "GET") found.allow += ", HEAD";
    }
    return found;
}

bool is_operator(const identified_peer& peer, const operators& allowed) {
    const std::uint32_t uid = peer.who.uid;
    if (uid == allowed.overflow_uid) return false;
    if (uid == 0 || uid == allowed.own_uid) return true;
    if (!allowed.group) return false;
    return peer.who.gid == *allowed.group ||
           std::find(peer.groups.begin(), peer.groups.end(), *allowed.group) != peer.groups.end();
}

bool may(const permit& entry, const identified_peer& peer, const operators& allowed) {
    switch (entry.who) {
        case audience::anyone:
            return true;
        case audience::operators:
            return is_operator(peer, allowed);
    }
    return false;
}

}  // namespace admin
