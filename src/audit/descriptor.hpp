#pragma once

namespace audit {

/// A file descriptor that is closed with its owner, unless it is one of the process's own (stdout).
class descriptor {
public:
    descriptor() = default;
    descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();
    int get() const { return fd_; }

private:
    int fd_ = -1;
    bool owned_ = false;
};

}  // namespace audit
