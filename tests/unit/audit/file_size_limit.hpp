#pragma once

#include <csignal>
#include <cstdint>
#include <sys/resource.h>

namespace audit_test {

/// Makes files of this process full at a size: a write is cut short there and the next one fails,
/// as on a full disk.
class file_size_limit {
public:
    explicit file_size_limit(std::uint64_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit now = before_;
        now.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~file_size_limit() { lift(); }
    void lift() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

private:
    rlimit before_{};
};

}  // namespace audit_test
