// Seconds that one peer look-up takes (sock_diag over netlink), as a bare number.
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/peer_inspector.hpp"

int main() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, generic, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, generic, &size) != 0) {
        return EXIT_FAILURE;
    }
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, generic, size) != 0) return EXIT_FAILURE;
    const int accepted = accept(listener, nullptr, nullptr);

    const auto inspector = workload::make_sock_diag_inspector();
    constexpr int rounds = 100'000;
    int known = 0;
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i)
        known += inspector->inspect(accepted).uid.has_value();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    close(accepted);
    close(client);
    close(listener);
    if (known != rounds) return EXIT_FAILURE;
    std::printf("%.9f\n", took.count() / rounds);
    return EXIT_SUCCESS;
}
