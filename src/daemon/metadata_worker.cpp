#include "daemon/metadata_worker.hpp"

#include <cstdlib>
#include <signal.h>

namespace daemon_ {

worker_thread::worker_thread(const base::clock& clock, net::session_limits limits)
    : worker_(context_, clock, limits) {}

worker_thread::~worker_thread() {
    if (thread_.joinable()) {
        worker_.stop(std::chrono::milliseconds(0));
        thread_.join();
    }
}

void worker_thread::start() {
    // Signals are the control thread's business.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { context_.run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void worker_thread::join() {
    if (thread_.joinable()) thread_.join();
}

void worker_thread::ping() {
    const std::uint64_t number = ++pings_;
    post([this, number] { pongs_.store(number); });
}

metadata_worker::metadata_worker(const shared_parts& shared, net::session_limits limits)
    : inspector_(workload::make_sock_diag_inspector()),
      thread_(shared.clock, limits),
      state_({thread_.context(), shared.clock, shared.random, *inspector_, shared.names,
              shared.ledger, count_}),
      imds_(state_, shared.tokens),
      container_(state_, shared.engine),
      pods_(state_),
      health_(state_) {}

net::service& metadata_worker::service(config::listener::kind kind) {
    switch (kind) {
        case config::listener::kind::imds:
            return imds_;
        case config::listener::kind::container:
            return container_;
        case config::listener::kind::pod_identity:
            return pods_;
        case config::listener::kind::health:
            return health_;
        case config::listener::kind::sts:
            break;
    }
    // The issuer has a thread of its own.
    std::abort();
}

void metadata_worker::install(std::shared_ptr<const handler::serving> next,
                              handler::profile_states states) {
    thread_.post([this, next = std::move(next), states = std::move(states)]() mutable {
        state_.install(std::move(next), std::move(states));
    });
}

void metadata_worker::wake() {
    thread_.post([this] { state_.wake(); });
}

void metadata_worker::publish(std::uint64_t generation, std::size_t profile,
                              handler::profile_state state) {
    thread_.post([this, generation, profile, state = std::move(state)]() mutable {
        state_.publish(generation, profile, std::move(state));
    });
}

}  // namespace daemon_
