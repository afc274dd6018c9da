#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace base {

/// Bytes that must not leak: wiped when destroyed, not copyable by accident, without `<<` and
/// without a formatter. `reveal()` is the one way out, so every use can be found by its name.
class secret {
public:
    secret() = default;
    explicit secret(std::string_view bytes);
    secret(secret&& other) noexcept;
    secret& operator=(secret&& other) noexcept;
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;
    ~secret();

    std::string_view reveal() const { return {bytes_.get(), size_}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    secret clone() const { return secret(reveal()); }

private:
    void wipe() noexcept;

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

/// Overwrites memory in a way the optimiser keeps.
void wipe(void* memory, std::size_t size) noexcept;

}  // namespace base
