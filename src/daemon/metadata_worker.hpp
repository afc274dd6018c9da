#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "config/configuration.hpp"
#include "handler/container_service.hpp"
#include "handler/health_service.hpp"
#include "handler/imds_service.hpp"
#include "handler/pod_identity_service.hpp"
#include "net/worker.hpp"

namespace daemon_ {

/// A thread with its io_context, which ends when the net::worker has been stopped and drained.
class worker_thread {
public:
    worker_thread(const base::clock& clock, net::session_limits limits);
    ~worker_thread();

    boost::asio::io_context& context() { return context_; }
    net::worker& worker() { return worker_; }
    void start();
    void join();

    /// Runs on the worker's thread.
    template <class Function>
    void post(Function f) {
        boost::asio::post(context_, std::move(f));
    }

    /// Liveness: `ping` is answered by the worker's thread; `answered` tells whether the last one
    /// was.
    void ping();
    bool answered() const { return pongs_.load() == pings_; }

private:
    boost::asio::io_context context_{1};
    net::worker worker_;
    std::thread thread_;
    std::uint64_t pings_ = 0;
    std::atomic<std::uint64_t> pongs_{0};
};

/// What all metadata workers share.
struct shared_parts {
    const base::clock& clock;
    base::random& random;
    workload::directory& names;
    const imds::token_authority& tokens;
    handler::hand_out_ledger& ledger;
    workload::container_engine* engine;  ///< null when none is configured
};

/// One worker of the metadata face.
class metadata_worker {
public:
    metadata_worker(const shared_parts& shared, net::session_limits limits);

    worker_thread& thread() { return thread_; }
    /// What is served on listeners of that kind.
    net::service& service(config::listener::kind kind);
    const handler::counters& count() const { return count_; }

    void install(std::shared_ptr<const handler::serving> next, handler::profile_states states);
    /// Something else has changed that a caller may wait for.
    void wake();
    void publish(std::uint64_t generation, std::size_t profile, handler::profile_state state);

private:
    handler::counters count_;
    std::unique_ptr<workload::peer_inspector> inspector_;
    worker_thread thread_;
    handler::worker_state state_;
    handler::imds_service imds_;
    handler::container_service container_;
    handler::pod_identity_service pods_;
    handler::health_service health_;
};

}  // namespace daemon_
