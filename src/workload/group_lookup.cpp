#include "workload/group_lookup.hpp"

#include <algorithm>
#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

namespace workload {

namespace {

constexpr std::size_t largest_entry = 1 << 20;  // bytes of one passwd entry
constexpr int most_groups = 65536;              // NGROUPS_MAX of Linux

}  // namespace

std::optional<std::vector<std::uint32_t>> groups_of(std::uint32_t uid) {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> text(1024);
    for (;;) {
        const int error = ::getpwuid_r(uid, &entry, text.data(), text.size(), &found);
        if (error == EINTR) continue;
        if (error != ERANGE) break;
        if (text.size() >= largest_entry) return std::nullopt;
        text.resize(text.size() * 2);
    }
    if (found == nullptr) return std::nullopt;

    std::vector<gid_t> groups(32);
    for (;;) {
        int count = int(groups.size());
        if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) >= 0) {
            groups.resize(std::size_t(count));
            break;
        }
        if (int(groups.size()) >= most_groups) return std::nullopt;
        groups.resize(groups.size() * 2);
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    return std::vector<std::uint32_t>(groups.begin(), groups.end());
}

}  // namespace workload
