#pragma once

#include <memory>

namespace base {

template <auto release>
struct releaser {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};

/// Owns an object of a C library, which `release` frees: owned<BIO, BIO_free_all>.
template <class T, auto release>
using owned = std::unique_ptr<T, releaser<release>>;

}  // namespace base
