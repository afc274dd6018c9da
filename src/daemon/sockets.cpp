#include "daemon/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/log.hpp"
#include "net/listen.hpp"

namespace daemon_ {

namespace {

base::result<void> adopt(int fd, const std::string& name) {
    int listening = 0;
    int protocol = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0 ||
        ::getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 ||
        protocol != IPPROTO_TCP) {
        return base::invalid("the socket passed in as '" + name +
                             "' is not a listening TCP socket (ListenStream=, Accept=no)");
    }
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return {};
}

base::result<void> take_inherited(open_listener& listener, const std::vector<int>& passed,
                                  std::size_t wanted) {
    for (const int fd : passed) {
        if (const auto good = adopt(fd, listener.configured.name); !good) return good;
        const auto address = net::local_address(fd);
        if (!address) return address.error();
        // The Host list of a listener, and what is said of it, are of one address.
        if (!listener.address.empty() && listener.address != *address) {
            return base::invalid("sockets with different addresses are passed in under its name (" +
                                 listener.address + ", " + *address +
                                 "); give each a listener of its own (FileDescriptorName=)");
        }
        listener.address = *address;
        listener.descriptors.push_back(fd);
    }
    for (std::size_t i = 0; listener.descriptors.size() < wanted; ++i) {
        const auto copy = net::duplicate(passed[i % passed.size()]);
        if (!copy) return copy.error();
        listener.descriptors.push_back(*copy);
    }
    listener.inherited = true;
    return {};
}

base::result<void> bind(open_listener& listener, std::size_t wanted) {
    net::tcp_address where{listener.configured.address, listener.configured.port,
                           listener.configured.interface, wanted > 1};
    for (std::size_t i = 0; i < wanted; ++i) {
        const auto fd = net::listen_tcp(where);
        if (!fd) return fd.error();
        listener.descriptors.push_back(*fd);
        // Port 0 is chosen once; the other workers share what the kernel chose.
        const auto port = net::local_port(*fd);
        if (!port) return port.error();
        where.port = *port;
    }
    return {};
}

/// An IPv6 listener on a host without IPv6 is left out: one configuration serves both kinds.
bool is_left_out(const config::listener& configured) {
    if (configured.address.find(':') == std::string::npos || net::host_has_ipv6()) return false;
    log::warning("this host has no IPv6: the listener is left out",
                 {{"listener", configured.name}, {"address", configured.address}});
    return true;
}

}  // namespace

base::result<std::vector<open_listener>> open_listeners(
    const config::configuration& configuration, std::map<std::string, std::vector<int>> inherited) {
    std::vector<open_listener> opened;
    for (const config::listener& configured : configuration.listeners) {
        open_listener listener;
        listener.configured = configured;
        const std::size_t wanted =
            configured.serves == config::listener::kind::sts ? 1 : configuration.workers;
        const auto passed = inherited.find(configured.name);
        if (passed == inherited.end() && is_left_out(configured)) continue;
        auto done = passed != inherited.end() ? take_inherited(listener, passed->second, wanted)
                                              : bind(listener, wanted);
        if (!done) {
            base::error e = done.error();
            e.message = configured.where + ": listener '" + configured.name + "': " + e.message;
            return e;
        }
        if (passed != inherited.end()) inherited.erase(passed);
        auto address = net::local_address(listener.descriptors.front());
        if (!address) return address.error();
        listener.address = *address;
        opened.push_back(std::move(listener));
    }
    if (opened.empty() && !configuration.listeners.empty()) {
        return base::unavailable("no listener is left: all of them are for IPv6");
    }
    if (!inherited.empty()) {
        return base::invalid("the service manager passed in a socket named '" +
                             inherited.begin()->first +
                             "', and no listener has that name (FileDescriptorName=)");
    }
    return opened;
}

}  // namespace daemon_
