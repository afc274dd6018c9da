#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace net {

class session;

/// Tells when connections that wait for their client have something to read. An epoll set inside
/// the context's own: what a request costs is its share of one wait, not an operation, a coroutine
/// and a read that finds nothing. Used by the context's thread only.
class input_watch {
public:
    /// `at_end`: the client has closed its side, or the connection is broken. May end that session,
    /// and no other one.
    using handler = std::function<void(session& of, bool at_end)>;

    /// Throws std::system_error when the process is out of descriptors.
    input_watch(boost::asio::io_context& context, handler ready);

    /// Tells of `of` whenever more input comes, from now until its descriptor is closed; of input
    /// that is there already, too. `again`: it is watched, and what is there is told once more.
    /// False: the kernel does not take it.
    bool watch(session& of, int fd, bool again);

    /// Nothing is told any more, and the context is not kept running.
    void stop();

private:
    void wait();
    void tell();

    boost::asio::posix::stream_descriptor set_;
    handler ready_;
};

}  // namespace net
