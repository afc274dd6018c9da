#include "workload/peer_inspector.hpp"

#include <fstream>
#include <iostream>
#include <sys/stat.h>
#include <sys/wait.h>

#include "loopback.hpp"
#include "support/catch.hpp"
#include "workload/directory.hpp"

using binding::caller;
using origin = binding::caller::origin;

namespace {

/// A child process that runs `act` and then lives until the object goes.
class child_process {
public:
    template <class Act>
    explicit child_process(Act act) {
        check_call(::pipe(done_), "pipe");
        check_call(::pipe(hold_), "pipe");
        id_ = ::fork();
        if (id_ == 0) {
            ::close(hold_[1]);
            int code = 1;
            try {
                code = act();
                char byte = 0;
                if (::write(done_[1], &byte, 1) != 1) code = 1;
                (void)!::read(hold_[0], &byte, 1);
            } catch (...) {
            }
            ::_exit(code);
        }
        ::close(done_[1]);
        ::close(hold_[0]);
        char byte = 0;
        started_ = ::read(done_[0], &byte, 1) == 1;
    }
    ~child_process() { end(); }
    bool started() const { return started_; }
    void end() {
        if (id_ <= 0) return;
        ::close(hold_[1]);
        ::close(done_[0]);
        ::waitpid(std::exchange(id_, 0), nullptr, 0);
    }

private:
    int done_[2]{};
    int hold_[2]{};
    pid_t id_ = 0;
    bool started_ = false;
};

void check_own(const caller& who, const char* address) {
    CHECK(who.from == origin::local);
    CHECK(who.uid == ::geteuid());
    REQUIRE(who.address);
    CHECK(who.address->text() == address);
    CHECK(who.interface.empty());
}

}  // namespace

TEST_CASE("A local caller is known by its uid over both families and mapped either way") {
    const auto inspector = workload::make_sock_diag_inspector();
    struct {
        const char* listen;
        const char* connect;
        const char* seen;
    } const cases[] = {{"127.0.0.1", "127.0.0.1", "127.0.0.1"},
                       {"::1", "::1", "::1"},
                       {"::", "127.0.0.1", "127.0.0.1"},
                       {"::", "::ffff:127.0.0.1", "127.0.0.1"},
                       {"0.0.0.0", "::ffff:127.0.0.1", "127.0.0.1"}};
    for (const auto& c : cases) {
        CAPTURE(c.listen, c.connect);
        const test_listener listener(c.listen);
        const auto client = connect_to(c.connect, listener.port());
        const auto accepted = listener.accept();
        check_own(inspector->inspect(accepted.fd()), c.seen);
    }
}

TEST_CASE("A caller that only closed its sending side after our end is still known") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    const auto client = connect_to("127.0.0.1", listener.port());
    const auto accepted = listener.accept();
    ::shutdown(accepted.fd(), SHUT_WR);  // the client's socket is in CLOSE_WAIT now
    CHECK(inspector->inspect(accepted.fd()).from == origin::local);
}

TEST_CASE("A socket that was closed early has no known owner") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    auto client = connect_to("127.0.0.1", listener.port());
    const auto accepted = listener.accept();
    SECTION("by close") {
        client.close();
    }
    SECTION("by half-close") {
        ::shutdown(client.fd(), SHUT_WR);
    }
    SECTION("by reset") {
        const linger now{1, 0};
        ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        client.close();
    }
    const caller who = inspector->inspect(accepted.fd());
    CHECK(who.from == origin::unknown);
    CHECK_FALSE(who.uid);
    CHECK_FALSE(who.cgroup_id);
    CHECK_FALSE(who.why_unknown.empty());
}

TEST_CASE("A listener on the closed caller's own port is not taken for the caller") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    // The port may be in TIME_WAIT for somebody else's connection, too: then another one is tried.
    bool tried = false;
    for (int i = 0; i < 100 && !tried; ++i) {
        auto client = connect_to("127.0.0.1", listener.port());
        sockaddr_in own{};
        socklen_t size = sizeof own;
        REQUIRE(::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
        const auto accepted = listener.accept();
        // Closing our end first leaves TIME_WAIT here; a reset frees the caller's port at once.
        const linger now{1, 0};
        ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        client.close();
        const test_socket impostor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(impostor.fd(), reinterpret_cast<const sockaddr*>(&own), size) != 0) continue;
        REQUIRE(::listen(impostor.fd(), 1) == 0);
        CHECK(inspector->inspect(accepted.fd()).from == origin::unknown);
        tried = true;
    }
    CHECK(tried);
}

TEST_CASE("What is not a connected TCP socket has no known owner") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_socket idle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(inspector->inspect(idle.fd()).from == origin::unknown);
    CHECK(inspector->inspect(-1).from == origin::unknown);
    int pair[2]{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    const test_socket first(pair[0]);
    const test_socket second(pair[1]);
    CHECK(inspector->inspect(first.fd()).from == origin::unknown);
}

TEST_CASE("A caller bound to the loopback device is known") {
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    const test_address to("127.0.0.1", listener.port());
    const test_socket client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::setsockopt(client.fd(), SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) != 0) {
        WARN("SKIPPED: binding to a device is not permitted");
        return;
    }
    REQUIRE(::connect(client.fd(), to.get(), to.size) == 0);
    const auto accepted = listener.accept();
    CHECK(inspector->inspect(accepted.fd()).from == origin::local);
}

TEST_CASE("Callers of other users are told apart and the overflow uid is nobody") {
    if (::geteuid() != 0) {
        WARN("SKIPPED: switching users needs root");
        return;
    }
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    for (const uid_t uid : {12345u, 65534u}) {
        CAPTURE(uid);
        int client = -1;
        child_process child([&] {
            if (::setuid(uid) != 0) return 1;
            client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const test_address to("127.0.0.1", listener.port());
            check_call(::connect(client, to.get(), to.size), "connect");
            return 0;
        });
        REQUIRE(child.started());
        const auto accepted = listener.accept();
        const caller who = inspector->inspect(accepted.fd());
        if (uid == 65534) {
            CHECK(who.from == origin::unknown);
            CHECK_FALSE(who.uid);
        } else {
            CHECK(who.from == origin::local);
            CHECK(who.uid == uid);
        }
        child.end();
        CHECK(inspector->inspect(accepted.fd()).from == origin::unknown);
    }
}

TEST_CASE("The cgroup of the caller's socket is told and the root cgroup is not") {
    const auto mount = workload::cgroup2_mount_of_this_process();
    const std::string name = mount + "/imdsd-peer-" + std::to_string(::getpid());
    if (mount.empty() || ::mkdir(name.c_str(), 0755) != 0) {
        WARN("SKIPPED: no writable cgroup2 mount");
        return;
    }
    struct stat status {};
    REQUIRE(::stat(name.c_str(), &status) == 0);
    const auto inspector = workload::make_sock_diag_inspector();
    const test_listener listener("127.0.0.1");
    {
        int client = -1;
        child_process child([&] {
            std::ofstream(name + "/cgroup.procs") << ::getpid() << std::flush;
            client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const test_address to("127.0.0.1", listener.port());
            check_call(::connect(client, to.get(), to.size), "connect");
            return 0;
        });
        REQUIRE(child.started());
        const auto accepted = listener.accept();
        CHECK(inspector->inspect(accepted.fd()).cgroup_id == status.st_ino);
    }
    ::rmdir(name.c_str());

    std::string own;
    for (std::ifstream file("/proc/self/cgroup"); std::getline(file, own);)
        if (own.rfind("0::", 0) == 0) break;
    const auto client = connect_to("127.0.0.1", listener.port());
    const auto accepted = listener.accept();
    CHECK(inspector->inspect(accepted.fd()).cgroup_id.has_value() == (own != "0::/"));
}
