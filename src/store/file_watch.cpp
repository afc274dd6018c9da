#include "store/file_watch.hpp"

#include <array>
#include <cerrno>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace store {

base::result<file_watch> file_watch::make(const std::string& path) {
    file_watch made(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (made.fd_ < 0 || ::inotify_add_watch(made.fd_, path.c_str(), IN_MODIFY) < 0) {
        return base::unavailable(path +
                                 ": cannot be watched: " + std::generic_category().message(errno));
    }
    return made;
}

file_watch::file_watch(file_watch&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

file_watch& file_watch::operator=(file_watch&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

file_watch::~file_watch() {
    if (fd_ >= 0) ::close(fd_);
}

bool file_watch::drain() const {
    bool any = false;
    alignas(inotify_event) std::array<char, 4096> events;
    while (fd_ >= 0 && ::read(fd_, events.data(), events.size()) > 0)
        any = true;
    return any;
}

}  // namespace store
