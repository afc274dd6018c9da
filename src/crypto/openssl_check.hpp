#pragma once

namespace crypto {

/// A hash or cipher that fails on valid input means a broken library or exhausted memory: nothing
/// computed after that can be trusted, so the process ends, saying which call it was.
[[noreturn]] void openssl_failed(const char* call) noexcept;

inline void check(int result, const char* call) noexcept {
    if (result != 1) openssl_failed(call);
}
template <class T>
T* check(T* result, const char* call) noexcept {
    if (result == nullptr) openssl_failed(call);
    return result;
}

}  // namespace crypto
