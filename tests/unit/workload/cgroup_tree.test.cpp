#include <fstream>
#include <unistd.h>

#include "support/catch.hpp"
#include "temporary_tree.hpp"
#include "workload/directory.hpp"

using workload::cgroup_tree;

TEST_CASE("A cgroup id becomes the path below the root") {
    const temporary_tree files;
    const auto deep = files.add("/system.slice/a.service/inner");
    const auto other = files.add("/user.slice");
    const cgroup_tree tree(files.root());
    CHECK(tree.path_of(deep) == "/system.slice/a.service/inner");
    CHECK(tree.path_of(other) == "/user.slice");
    CHECK(tree.path_of(files.inode("/system.slice")) == "/system.slice");
}

TEST_CASE("The root cgroup and unknown ids have no path") {
    const temporary_tree files;
    const auto gone = files.add("/gone");
    const cgroup_tree tree(files.root());
    CHECK_FALSE(tree.path_of(files.inode("/")));
    std::filesystem::remove(files.root() + "/gone");
    CHECK_FALSE(tree.path_of(gone));
    CHECK_FALSE(tree.path_of(0));
}

TEST_CASE("Files and symbolic links are not cgroups") {
    const temporary_tree files;
    const auto real = files.add("/z/real");
    std::ofstream(files.root() + "/file") << "x";
    std::filesystem::create_directory_symlink(files.root() + "/z", files.root() + "/a");
    const cgroup_tree tree(files.root());
    CHECK(tree.path_of(real) == "/z/real");
    CHECK_FALSE(tree.path_of(files.inode("/file")));
}

TEST_CASE("A tree without a mount has no paths") {
    CHECK_FALSE(cgroup_tree("").path_of(2));
    CHECK_FALSE(cgroup_tree("/nonexistent/cgroup").path_of(2));
}

TEST_CASE("A cgroup of the mounted cgroup2 hierarchy is found") {
    const auto mount = workload::cgroup2_mount_of_this_process();
    const std::string name = "/imdsd-test-" + std::to_string(::getpid());
    if (mount.empty() || ::mkdir((mount + name).c_str(), 0755) != 0) {
        WARN("SKIPPED: no writable cgroup2 mount");
        return;
    }
    struct stat status {};
    REQUIRE(::stat((mount + name).c_str(), &status) == 0);
    const auto path = cgroup_tree(mount).path_of(status.st_ino);
    ::rmdir((mount + name).c_str());
    CHECK(path == name);
    CHECK_FALSE(cgroup_tree(mount).path_of(status.st_ino));
    CHECK_FALSE(cgroup_tree(mount).path_of(1));
}
