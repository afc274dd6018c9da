#include "host/owner.hpp"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace host {

base::result<void> become_owner_of(const std::string& directory) {
    struct stat found {};
    if (::stat(directory.c_str(), &found) != 0)
        return base::not_found(directory + ": " + std::strerror(errno));
    if (::geteuid() != 0 || found.st_uid == 0) return {};
    if (::setgroups(1, &found.st_gid) != 0 ||
        ::setresgid(found.st_gid, found.st_gid, found.st_gid) != 0 ||
        ::setresuid(found.st_uid, found.st_uid, found.st_uid) != 0)
        return base::denied("cannot become the owner of " + directory + ": " +
                            std::strerror(errno));
    return {};
}

}  // namespace host
