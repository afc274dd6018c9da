#pragma once

#include <signal.h>
#include <thread>
#include <utility>

namespace net {

/// A thread that takes no signals: they are the control thread's business. Throws what std::thread
/// throws when there is none to be had.
template <class Function>
std::thread quiet_thread(Function run) {
    struct held_signals {
        held_signals() {
            sigset_t all;
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_SETMASK, &all, &before);
        }
        ~held_signals() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
        sigset_t before;
    };
    const held_signals held;
    return std::thread(std::move(run));
}

}  // namespace net
