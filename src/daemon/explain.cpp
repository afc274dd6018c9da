#include "daemon/explain.hpp"

#include <charconv>
#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <sstream>

#include "admin/peer_identity.hpp"

namespace daemon_ {

namespace {

struct account {
    std::uint32_t uid = 0;
    std::optional<std::vector<std::uint32_t>> groups;
};

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

account with_groups(const passwd& entry) {
    account found{entry.pw_uid, std::nullopt};
    std::vector<gid_t> groups(64);
    int count = int(groups.size());
    while (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) {
        if (groups.size() > 65536) return found;
        groups.resize(groups.size() * 2);
        count = int(groups.size());
    }
    found.groups.emplace(groups.begin(), groups.begin() + count);
    return found;
}

account of_uid(std::uint32_t uid) {
    passwd entry{};
    passwd* there = nullptr;
    std::vector<char> text(16384);
    if (::getpwuid_r(uid, &entry, text.data(), text.size(), &there) == 0 && there) {
        return with_groups(entry);
    }
    return {uid, std::nullopt};
}

base::result<account> of_user(const std::string& name) {
    if (const auto uid = number(name)) return of_uid(*uid);
    passwd entry{};
    passwd* there = nullptr;
    std::vector<char> text(16384);
    if (::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &there) == 0 && there) {
        return with_groups(entry);
    }
    return base::not_found("there is no user '" + name + "' on this host");
}

void take_cgroup(binding::caller& who, std::string path) {
    // The root names nobody.
    if (path.empty() || path == "/") return;
    const binding::unit_facts units = binding::units_of_cgroup(path);
    who.cgroup = std::move(path);
    who.unit = units.unit;
    who.user_unit = units.user_unit;
    who.user_unit_uid = units.user_unit_uid;
}

/// The cgroup2 line of /proc/PID/cgroup: "0::/path".
void take_process(binding::caller& who, std::int32_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("0::", 0) == 0) take_cgroup(who, line.substr(3));
    }
}

base::result<std::uint32_t> uid_of_process(std::int32_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("Uid:", 0) != 0) continue;
        std::istringstream fields(line.substr(4));
        std::uint32_t real = 0;
        std::uint32_t effective = 0;
        fields >> real >> effective;
        return effective;
    }
    return base::not_found("there is no process " + std::to_string(pid));
}

/// As for a connection: the overflow uid stands for users that have no name here.
void refuse_overflow(binding::caller& who) {
    if (who.uid != admin::overflow_uid()) return;
    who.from = binding::caller::origin::unknown;
    who.why_unknown = "the caller's user is not mapped (overflow uid)";
}

}  // namespace

base::result<binding::caller> caller_of(const admin::explain_query& query) {
    binding::caller who;
    who.listener = query.listener.value_or("");
    if (query.address || query.interface) {
        who.from = binding::caller::origin::network;
        who.interface = query.interface.value_or("");
        if (!query.address) return who;
        const auto address = base::ip_address::parse(*query.address);
        if (!address) return address.error();
        who.address = *address;
        return who;
    }
    who.from = binding::caller::origin::local;
    if (query.pid) {
        const auto uid = uid_of_process(*query.pid);
        if (!uid) return uid.error();
        const account found = of_uid(*uid);
        who.uid = found.uid;
        who.groups = found.groups;
        take_process(who, *query.pid);
    }
    if (query.user) {
        const auto found = of_user(*query.user);
        if (!found) return found.error();
        who.uid = found->uid;
        who.groups = found->groups;
    }
    if (query.cgroup) take_cgroup(who, *query.cgroup);
    if (query.unit) who.unit = *query.unit;
    refuse_overflow(who);
    return who;
}

base::result<binding::caller> caller_of(const admin::peer& peer) {
    binding::caller who;
    who.from = binding::caller::origin::local;
    const account found = of_uid(peer.uid);
    who.uid = found.uid;
    who.groups = found.groups;
    take_process(who, peer.pid);
    refuse_overflow(who);
    return who;
}

}  // namespace daemon_
