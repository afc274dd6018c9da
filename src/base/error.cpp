#include "base/error.hpp"

#include <ostream>
#include <stdexcept>

namespace base {

const char* to_string(error_kind kind) {
    switch (kind) {
        case error_kind::invalid:
            return "invalid";
        case error_kind::not_found:
            return "not found";
        case error_kind::denied:
            return "denied";
        case error_kind::unavailable:
            return "unavailable";
        case error_kind::expired:
            return "expired";
        case error_kind::exhausted:
            return "exhausted";
        case error_kind::internal:
            return "internal";
    }
    return "internal";
}

std::ostream& operator<<(std::ostream& out, const error& e) {
    out << to_string(e.kind) << ": " << e.message;
    if (!e.code.empty()) out << " (" << e.code << ')';
    return out;
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw std::runtime_error(std::string(to_string(e.kind)) + ": " + e.message);
}

}  // namespace base
