#pragma once

#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>
#include <string_view>

namespace support {

/// Counts blocks that are freed with a text still in them. One at a time, from one thread; the text
/// must not live in such a block itself. Replaces the program's operator new (with the address
/// sanitizer, which owns that, hooks into it): include it in one file of a test program.
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

#ifdef __SANITIZE_ADDRESS__

/// As LLVM's sanitizer/allocator_interface.h declares it; GCC has the function, not the header.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*,
                                                                  std::size_t),
                                                         void (*)(const volatile void*));

namespace support {

inline const int freed_memory_hooks = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void* block, std::size_t size) {
        // Cleared: a block may hold what was freed elsewhere.
        std::memset(const_cast<void*>(block), 0, size);
    },
    [](const volatile void* block) {
        if (block) freed_memory::freed(const_cast<void*>(block));
    });

}  // namespace support

#else

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

#endif
