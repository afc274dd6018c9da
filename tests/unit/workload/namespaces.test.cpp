#include <cstdlib>
#include <functional>
#include <iostream>
#include <sched.h>
#include <sys/wait.h>

#include "loopback.hpp"
#include "support/catch.hpp"
#include "workload/peer_inspector.hpp"

using origin = binding::caller::origin;

namespace {

constexpr int skipped = 77;

bool run(const std::string& command) {
    return std::system(command.c_str()) == 0;
}

/// Runs `body` in a child process with a network namespace of its own; its exit code.
int in_new_namespace(const std::function<int()>& body) {
    const pid_t id = ::fork();
    if (id == 0) {
        int code = skipped;
        try {
            if (::unshare(CLONE_NEWNET) == 0 && run("ip link set lo up 2>/dev/null")) code = body();
        } catch (const std::exception& e) {
            std::cerr << e.what() << '\n';
            code = 99;
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(id, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

bool was_skipped(int code) {
    if (code == skipped) WARN("SKIPPED: network namespaces or ip(8) are not available");
    return code == skipped;
}

/// The other end of a veth pair in a namespace of its own; connects when told.
class neighbour {
public:
    neighbour() {
        check_call(::pipe(ready_), "pipe");
        check_call(::pipe(orders_), "pipe");
        id_ = ::fork();
        if (id_ == 0) live();
        char byte = 0;
        if (::read(ready_[0], &byte, 1) != 1) throw std::runtime_error("no neighbour");
        const std::string id = std::to_string(id_);
        if (!run("ip link add va type veth peer name vb netns " + id +
                 " && ip addr add 10.9.0.1/24 dev va && ip addr add 10.9.0.9/24 dev va"
                 " && ip -6 addr add fd00:9::1/64 dev va nodad && ip link set va up"))
            ::_exit(skipped);
        tell('u');
    }
    ~neighbour() {
        ::close(orders_[1]);
        ::waitpid(id_, nullptr, 0);
    }

    /// 'u': set the device up, '4' and '6': connect to port `port`.
    void tell(char order, std::uint16_t port = 0) {
        char text[3] = {order, char(port >> 8), char(port & 0xff)};
        if (::write(orders_[1], text, 3) != 3) throw std::runtime_error("neighbour gone");
        char byte = 0;
        if (::read(ready_[0], &byte, 1) != 1) throw std::runtime_error("neighbour failed");
    }

private:
    [[noreturn]] void live() {
        ::close(orders_[1]);
        try {
            if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
            char order[3]{};
            std::vector<test_socket> open;
            while (::write(ready_[1], order, 1) == 1 && ::read(orders_[0], order, 3) == 3) {
                const auto port =
                    std::uint16_t((std::uint8_t(order[1]) << 8) | std::uint8_t(order[2]));
                if (order[0] == 'u' &&
                    !run("ip link set lo up && ip addr add 10.9.0.2/24 dev vb"
                         " && ip -6 addr add fd00:9::2/64 dev vb nodad && ip link set vb up"))
                    ::_exit(1);
                if (order[0] == '4') open.push_back(connect_to("10.9.0.1", port));
                if (order[0] == '6') open.push_back(connect_to("fd00:9::1", port));
            }
        } catch (...) {
        }
        ::_exit(0);
    }

    int ready_[2]{};
    int orders_[2]{};
    pid_t id_ = 0;
};

}  // namespace

TEST_CASE("A caller of another network namespace is known by address and device") {
    const int code = in_new_namespace([] {
        neighbour other;
        const auto inspector = workload::make_sock_diag_inspector();
        const test_listener four("0.0.0.0");
        const test_listener both("::");
        struct {
            const test_listener& listener;
            char order;
            const char* address;
        } const cases[] = {
            {four, '4', "10.9.0.2"}, {both, '4', "10.9.0.2"}, {both, '6', "fd00:9::2"}};
        int number = 1;
        for (const auto& c : cases) {
            other.tell(c.order, c.listener.port());
            const auto accepted = c.listener.accept();
            const auto who = inspector->inspect(accepted.fd());
            if (who.from != origin::network) return number;
            if (who.address->text() != c.address) return number + 10;
            if (who.interface != "va") return number + 20;
            if (who.uid || who.cgroup_id) return number + 30;
            ++number;
        }
        return 0;
    });
    if (!was_skipped(code)) CHECK(code == 0);
}

TEST_CASE("A local caller over the address of a device is local and never a network caller") {
    const int code = in_new_namespace([] {
        neighbour other;
        const auto inspector = workload::make_sock_diag_inspector();
        const test_listener listener("::");
        int number = 1;
        for (const char* address : {"10.9.0.1", "10.9.0.9", "fd00:9::1"}) {
            auto client = connect_to(address, listener.port());
            const auto accepted = listener.accept();
            const auto who = inspector->inspect(accepted.fd());
            if (who.from != origin::local || who.uid != ::geteuid()) return number;
            const linger now{1, 0};
            ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
            const auto early = connect_to(address, listener.port());
            const auto taken = listener.accept();
            ::shutdown(early.fd(), SHUT_RDWR);
            if (inspector->inspect(taken.fd()).from != origin::unknown) return number + 10;
            ++number;
        }
        return 0;
    });
    if (!was_skipped(code)) CHECK(code == 0);
}

TEST_CASE("A socket of another network namespace than the inspector's is not identified") {
    const test_listener outside("127.0.0.1");
    const auto client = connect_to("127.0.0.1", outside.port());
    const auto accepted = outside.accept();
    const int code = in_new_namespace([&] {
        const auto who = workload::make_sock_diag_inspector()->inspect(accepted.fd());
        if (who.from != origin::unknown) return 1;
        return who.why_unknown.find("namespace") == std::string_view::npos ? 2 : 0;
    });
    if (!was_skipped(code)) CHECK(code == 0);
}

TEST_CASE("A redirected connection is not identified by its changed addresses") {
    const int code = in_new_namespace([] {
        const test_listener listener("127.0.0.1");
        const std::string port = std::to_string(listener.port());
        if (!run("iptables -t nat -A OUTPUT -p tcp --dport 9 -j REDIRECT --to-ports " + port +
                 " 2>/dev/null") &&
            !run("nft 'add table ip n; add chain ip n o { type nat hook output priority -100; };"
                 " add rule ip n o tcp dport 9 redirect to :" +
                 port + "' 2>/dev/null"))
            return skipped;
        const auto inspector = workload::make_sock_diag_inspector();
        const auto client = connect_to("127.0.0.1", 9);
        const auto accepted = listener.accept();
        const auto who = inspector->inspect(accepted.fd());
        if (who.from != origin::unknown) return 1;
        return who.why_unknown.find("NAT") == std::string_view::npos ? 2 : 0;
    });
    if (!was_skipped(code)) CHECK(code == 0);
}
