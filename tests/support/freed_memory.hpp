#pragma once

#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>
#include <string_view>

namespace support {

/// Counts blocks that are freed, by operator delete, with a text still in them. One at a time, from
/// one thread; the text must not live in such a block itself. Replaces the program's operator new:
/// include it in one file of a test program.
class freed_memory {
public:
    explicit freed_memory(std::string_view text) {
        seen_ = 0;
        sought() = text;
    }
    ~freed_memory() { sought() = {}; }
    freed_memory(const freed_memory&) = delete;
    freed_memory& operator=(const freed_memory&) = delete;

    std::size_t blocks_with_text() const { return seen_; }

    static void freed(void* block) {
        const std::string_view text = sought();
        if (text.empty()) return;
        if (::memmem(block, ::malloc_usable_size(block), text.data(), text.size())) ++seen_;
    }

private:
    static std::string_view& sought() {
        thread_local std::string_view text;
        return text;
    }
    static inline thread_local std::size_t seen_ = 0;
};

}  // namespace support

void* operator new(std::size_t size) {
    // Cleared: a block may hold what was freed elsewhere.
    if (void* block = std::calloc(1, size ? size : 1)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
    if (!block) return;
    support::freed_memory::freed(block);
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    operator delete(block);
}
