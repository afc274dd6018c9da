#pragma once

#include <iosfwd>
#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace base {

/// What the caller can do about it. Only the edge of a protocol turns a kind into a wire answer.
enum class error_kind {
    invalid,      ///< the input is wrong; the same input will fail again
    not_found,    ///< the thing named does not exist
    denied,       ///< a decision against the caller; final until a policy changes
    unavailable,  ///< something outside did not answer; worth a retry
    expired,      ///< it was good once
    exhausted,    ///< a named limit was reached
    internal,     ///< a fault of ours
};

const char* to_string(error_kind kind);

/// An expected failure. `message` is for operators and logs; it never holds a secret, and it does
/// not reach a peer unless the protocol says so. `code` is a protocol's own name for the failure
/// ("AccessDenied"), empty where there is none.
struct error {
    error_kind kind = error_kind::internal;
    std::string message;
    std::string code = {};
};

std::ostream& operator<<(std::ostream& out, const error& e);

template <class T = void>
using result = boost::system::result<T, error>;

inline error invalid(std::string message) {
    return {error_kind::invalid, std::move(message)};
}
inline error not_found(std::string message) {
    return {error_kind::not_found, std::move(message)};
}
inline error denied(std::string message) {
    return {error_kind::denied, std::move(message)};
}
inline error unavailable(std::string message) {
    return {error_kind::unavailable, std::move(message)};
}
inline error exhausted(std::string message) {
    return {error_kind::exhausted, std::move(message)};
}
inline error internal(std::string message) {
    return {error_kind::internal, std::move(message)};
}

/// Found by argument-dependent lookup when `value()` is called on a failed result.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

}  // namespace base
