#pragma once

#include <string>

#include "base/error.hpp"

namespace store {

/// Tells that a file was written to, by whomever: inotify(7). Best effort; nothing on network file
/// systems.
class file_watch {
public:
    static base::result<file_watch> make(const std::string& path);
    file_watch() = default;  ///< watches nothing
    file_watch(file_watch&& other) noexcept;
    file_watch& operator=(file_watch&& other) noexcept;
    ~file_watch();

    /// Readable when there is something to drain; -1: watches nothing.
    int descriptor() const { return fd_; }
    /// Whether there was something.
    bool drain() const;

private:
    explicit file_watch(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace store
