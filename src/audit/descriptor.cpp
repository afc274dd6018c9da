#include "audit/descriptor.hpp"

#include <unistd.h>
#include <utility>

namespace audit {

descriptor::descriptor(descriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), owned_(std::exchange(other.owned_, false)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(owned_, other.owned_);
    return *this;
}

descriptor::~descriptor() {
    if (owned_ && fd_ >= 0) ::close(fd_);
}

}  // namespace audit
