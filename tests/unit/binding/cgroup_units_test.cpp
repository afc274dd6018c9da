#include "binding/caller.hpp"
#include "support/catch.hpp"

namespace {

std::string shown(const std::string& path) {
    const auto facts = binding::units_of_cgroup(path);
    std::string text;
    if (facts.unit) text += "unit " + *facts.unit;
    if (facts.user_unit) text += "user unit " + *facts.user_unit;
    if (facts.user_unit_uid) text += " of " + std::to_string(*facts.user_unit_uid);
    return text.empty() ? "none" : text;
}

struct shape {
    const char* path;
    const char* facts;
};

}  // namespace

TEST_CASE("Units of the host's system manager are recognised") {
    const shape shapes[] = {
        {"/system.slice/backup.service", "unit backup.service"},
        {"/system.slice/system-getty.slice/getty@tty1.service", "unit getty@tty1.service"},
        {"/system.slice/dev-hugepages.mount", "unit dev-hugepages.mount"},
        {"/system.slice/docker.socket", "unit docker.socket"},
        {"/system.slice/dev-sda2.swap", "unit dev-sda2.swap"},
        {"/init.scope", "unit init.scope"},
        {"/backup.service", "unit backup.service"},
        {"/user.slice/user-1000.slice/session-3.scope", "unit session-3.scope"},
        {"/user.slice/user-1000.slice/user@1000.service", "unit user@1000.service"},
        {R"(/system.slice/system-systemd\x2dcryptsetup.slice/systemd-cryptsetup@a\x2db.service)",
         R"(unit systemd-cryptsetup@a\x2db.service)"},
        {R"(/machine.slice/machine-qemu\x2d1\x2dvm.scope)",
         R"(unit machine-qemu\x2d1\x2dvm.scope)"},
        {"/system.slice/_memory.service", "unit memory.service"},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/"
         "cri-containerd-0a1b.scope",
         "unit cri-containerd-0a1b.scope"},
    };
    for (const auto& s : shapes) {
        CAPTURE(s.path);
        CHECK(shown(s.path) == s.facts);
    }
}

TEST_CASE("Units below a user manager belong to that user") {
    const shape shapes[] = {
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/backup.service",
         "user unit backup.service of 1000"},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome.slice/x.scope",
         "user unit x.scope of 1000"},
        {"/user.slice/user-1000.slice/user@1000.service/init.scope",
         "user unit init.scope of 1000"},
        {"/user.slice/user-0.slice/user@0.service/app.slice/x.service", "user unit x.service of 0"},
    };
    for (const auto& s : shapes) {
        CAPTURE(s.path);
        CHECK(shown(s.path) == s.facts);
    }
}

TEST_CASE("What lies below a unit or outside the manager's tree has no unit") {
    const char* paths[] = {
        // Nothing, the root, and malformed paths.
        "",
        "/",
        "//",
        "backup.service",
        "system.slice/backup.service",
        "/system.slice",
        "/system.slice/",
        "/system.slice//backup.service",
        "//system.slice/backup.service",
        "/system.slice/backup.service/",
        "/system.slice/../backup.service",
        "/system.slice/./backup.service",
        "/../backup.service",
        "/system.slice/backup.service (deleted)",
        "/system.slice/back up.service",
        "/system.slice/backup.service\n",
        "/system.slice/.service",
        "/system.slice/backup",
        "/system.slice/backup.service.d",
        "/.slice/backup.service",
        "/-.slice/backup.service",
        // Delegated subtrees and payloads of containers.
        "/system.slice/backup.service/payload",
        "/system.slice/backup.service/system.slice/backup.service",
        "/system.slice/docker.service/system.slice/backup.service",
        "/machine.slice/machine-c1.scope/payload/system.slice/backup.service",
        "/machine.slice/systemd-nspawn@c1.service/payload/system.slice/backup.service",
        "/machine.slice/libpod-0a1b.scope/container/system.slice/backup.service",
        "/machine.slice/libpod-0a1b.scope/system.slice/backup.service",
        "/machine.slice/libpod-0a1b.scope/container",
        "/system.slice/docker-0a1b.scope/system.slice/backup.service",
        "/system.slice/docker-0a1b.scope/init.scope",
        "/docker/0a1b/system.slice/backup.service",
        "/docker/0a1b",
        "/lxc.payload.c1/system.slice/backup.service",
        "/lxc/c1/system.slice/backup.service",
        "/kubepods/burstable/pod1/0a1b",
        "/kubepods/burstable/pod1/0a1b/system.slice/backup.service",
        "/kubepods.slice/kubepods-pod1.slice/cri-containerd-0a1b.scope/system.slice/backup.service",
        "/crio-0a1b/system.slice/backup.service",
        // Slices that no manager makes: a-b.slice is only ever made inside a.slice.
        "/system.slice/machine.slice/backup.service",
        "/system-getty.slice/getty@tty1.service",
        "/system.slice/system.slice/backup.service",
        "/system.slice/system-a-b.slice/backup.service",
        "/system.slice/system-.slice/backup.service",
        // User managers: never system units; wrong places and wrong users give nothing.
        "/user.slice/user-1000.slice/user@1000.service/backup",
        "/user.slice/user-1000.slice/user@1000.service/app.slice",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service/payload",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service/y.service",
        "/user.slice/user-1000.slice/user@1000.service/user@0.service/x.service",
        "/user.slice/user-1000.slice/user@1001.service/app.slice/x.service",
        "/user.slice/user-1000.slice/user@01000.service/app.slice/x.service",
        "/user.slice/user-01000.slice/user@01000.service/app.slice/x.service",
        "/user.slice/user-1000.slice/user@.service/app.slice/x.service",
        "/user.slice/user-4294967295.slice/user@4294967295.service/app.slice/x.service",
        "/user.slice/user-4294967296.slice/user@4294967296.service/app.slice/x.service",
        "/user.slice/user@1000.service/app.slice/x.service",
        "/system.slice/user@1000.service/app.slice/x.service",
        "/user-1000.slice/user@1000.service/app.slice/x.service",
        "/user.slice/user-1000.slice/user@1000.service/"
        "user.slice/user-0.slice/user@0.service/x.service",
        "/user.slice/user-1000.slice/session-3.scope/user@1000.service/x.service",
    };
    for (const auto* path : paths) {
        CAPTURE(path);
        CHECK(shown(path) == "none");
    }
    CHECK(shown("/system.slice/" + std::string(300, 'a') + ".service") == "none");
    CHECK(shown(std::string("/system.slice/a\0.service", 24)) == "none");
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
        deep += "/a.slice";
    CHECK(shown(deep + "/x.service") == "none");
}
