#include <deque>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>

#include "workload/directory.hpp"

namespace workload {

namespace {

// kernfs gives the root of each hierarchy this id. A cgroup2 mount whose root has another one shows
// a cgroup namespace: its paths start somewhere inside the host's tree.
constexpr ino_t host_root_id = 1;

struct open_directory {
    DIR* handle = nullptr;

    explicit open_directory(int fd) {
        if (fd < 0) return;
        handle = ::fdopendir(fd);
        if (handle == nullptr) ::close(fd);
    }
    ~open_directory() {
        if (handle != nullptr) ::closedir(handle);
    }
    open_directory(const open_directory&) = delete;
    open_directory& operator=(const open_directory&) = delete;
};

int open_below(int base, const std::string& path) {
    return ::openat(base, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool is_name(const char* name) {
    return std::string_view(name) != "." && std::string_view(name) != "..";
}

bool in_cgroup_namespace(int root, const struct stat& status) {
    struct statfs filesystem {};
    return ::fstatfs(root, &filesystem) == 0 && filesystem.f_type == CGROUP2_SUPER_MAGIC &&
           status.st_ino != host_root_id;
}

}  // namespace

cgroup_tree::cgroup_tree(std::string mount, bool namespace_of_manager)
    : mount_(std::move(mount)), namespace_of_manager_(namespace_of_manager) {}

std::optional<std::string> cgroup_tree::path_of(std::uint64_t id) const {
    if (mount_.empty()) return std::nullopt;
    const open_directory root(open_below(AT_FDCWD, mount_));
    if (root.handle == nullptr) return std::nullopt;
    const int root_fd = ::dirfd(root.handle);
    struct stat status {};
    if (::fstat(root_fd, &status) != 0 || status.st_ino == id) return std::nullopt;
    if (in_cgroup_namespace(root_fd, status) && !namespace_of_manager_) return std::nullopt;

    // Breadth first: whoever owns a delegated subtree can fill it, but then only cgroups that lie
    // as deep as the flood are not found.
    std::deque<std::string> waiting{"."};
    for (std::size_t visited = 0; !waiting.empty() && visited < most_visited; ++visited) {
        const std::string path = std::move(waiting.front());
        waiting.pop_front();
        // What was removed since it was listed is skipped.
        const open_directory directory(open_below(root_fd, path));
        if (directory.handle == nullptr) continue;
        if (::fstat(::dirfd(directory.handle), &status) != 0) continue;
        if (status.st_ino == id) return path.substr(1);
        while (const dirent* entry = ::readdir(directory.handle)) {
            if (entry->d_type != DT_DIR || !is_name(entry->d_name)) continue;
            if (waiting.size() < most_visited) waiting.push_back(path + "/" + entry->d_name);
        }
    }
    return std::nullopt;
}

}  // namespace workload
