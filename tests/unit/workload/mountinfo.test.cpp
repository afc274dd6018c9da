#include "support/catch.hpp"
#include "workload/directory.hpp"

using workload::cgroup2_mount;

TEST_CASE("The cgroup2 mount is found beside the v1 hierarchies of a hybrid host") {
    CHECK(cgroup2_mount("31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
                        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
                        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n") ==
          "/sys/fs/cgroup/unified");
}

TEST_CASE("The cgroup2 mount is found on a unified host with propagation fields") {
    CHECK(cgroup2_mount("22 1 0:20 / /sys rw shared:7 - sysfs sysfs rw\n"
                        "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 master:2 - cgroup2 cgroup2 "
                        "rw,nsdelegate") == "/sys/fs/cgroup");
}

TEST_CASE("There is no cgroup2 mount where only version 1 is mounted") {
    CHECK(cgroup2_mount("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n").empty());
    CHECK(cgroup2_mount("").empty());
}

TEST_CASE("Escapes in a mount point are undone") {
    CHECK(cgroup2_mount(R"(41 31 0:38 / /mnt/a\040b\134c\011d rw - cgroup2 none rw)") ==
          "/mnt/a b\\c\td");
}

TEST_CASE("A mount of a subtree of cgroup2 does not count") {
    CHECK(cgroup2_mount("41 31 0:38 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").empty());
    CHECK(cgroup2_mount("41 31 0:38 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").empty());
    CHECK(cgroup2_mount("41 31 0:38 /docker/1 /one rw - cgroup2 cgroup2 rw\n"
                        "42 31 0:38 / /two rw - cgroup2 cgroup2 rw\n") == "/two");
}

TEST_CASE("The type is read behind the dash and nowhere else") {
    CHECK(cgroup2_mount("41 31 0:38 / /cgroup2 rw - tmpfs cgroup2 rw\n").empty());
    CHECK(cgroup2_mount("41 31 0:38 / /x cgroup2\n").empty());
    CHECK(cgroup2_mount("41 31 0:38 / /x rw -\n").empty());
}

TEST_CASE("A cgroup namespace is the system manager's own when init is in init.scope at its root") {
    using workload::is_namespace_of_manager;
    CHECK(is_namespace_of_manager("9:name=systemd:/x/init.scope\n0::/init.scope\n"));
    CHECK(is_namespace_of_manager("0::/init.scope"));
    // A sidecar: PID 1 is a program in the namespace's root.
    CHECK_FALSE(is_namespace_of_manager("0::/\n"));
    // The host's init, seen from a namespace within, and a manager that begins further down.
    CHECK_FALSE(is_namespace_of_manager("0::/../../init.scope\n"));
    CHECK_FALSE(is_namespace_of_manager("0::/libpod/init.scope\n"));
    CHECK_FALSE(is_namespace_of_manager("1:name=systemd:/init.scope\n"));
    CHECK_FALSE(is_namespace_of_manager("0::/init.scope/x\n"));
    CHECK_FALSE(is_namespace_of_manager(""));
}
