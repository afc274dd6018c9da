#include "host/held_signals.hpp"

#include <csignal>
#include <pthread.h>

namespace host {

namespace {

void change_mask(int how, std::initializer_list<int> numbers) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : numbers)
        ::sigaddset(&set, number);
    ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

void hold_signals(std::initializer_list<int> numbers) {
    change_mask(SIG_BLOCK, numbers);
}

void release_signals(std::initializer_list<int> numbers) {
    change_mask(SIG_UNBLOCK, numbers);
}

}  // namespace host
