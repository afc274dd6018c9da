#include "base/secret.hpp"

#include <cstring>
#include <utility>

namespace base {

void wipe(void* memory, std::size_t size) noexcept {
    if (size != 0) ::explicit_bzero(memory, size);
}

secret::secret(std::string_view bytes)
    : bytes_(std::make_unique<char[]>(bytes.size())), size_(bytes.size()) {
    if (size_ != 0) std::memcpy(bytes_.get(), bytes.data(), size_);
}

secret::secret(secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

secret& secret::operator=(secret&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

secret::~secret() {
    wipe();
}

void secret::wipe() noexcept {
    if (bytes_) base::wipe(bytes_.get(), size_);
    size_ = 0;
}

}  // namespace base
