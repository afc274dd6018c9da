#pragma once

#include <signal.h>
#include <thread>
#include <utility>

namespace net {

/// A thread that takes no signals: they are the control thread's business.
template <class Function>
std::thread quiet_thread(Function run) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread started(std::move(run));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

}  // namespace net
