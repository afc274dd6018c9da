#include "daemon/issuer_alone.hpp"

#include <algorithm>

namespace daemon_ {

base::result<void> keep_issuer_alone(config::configuration& configuration) {
    using kind = config::listener::kind;
    std::erase_if(configuration.listeners, [](const config::listener& one) {
        return one.serves != kind::sts && one.serves != kind::health;
    });
    const auto& left = configuration.listeners;
    if (std::none_of(left.begin(), left.end(),
                     [](const config::listener& one) { return one.serves == kind::sts; })) {
        return base::invalid(
            "there is no issuer to run: no listener has 'serve: sts'; add {name: sts, serve: sts, "
            "address: \"127.0.0.1:1340\"} to 'listeners'");
    }
    configuration.bindings.clear();
    configuration.profiles.clear();
    configuration.sources.clear();
    configuration.pods = {};
    configuration.container_engine_socket.clear();
    configuration.workers = 1;
    return {};
}

}  // namespace daemon_
