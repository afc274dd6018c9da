#include "http/request.hpp"

namespace http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    // Most clients write names as we do.
    if (a == b) return true;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

const field* request::find(std::string_view name) const {
    for (const field& f : fields) {
        if (equal_ignoring_case(f.name, name)) return &f;
    }
    return nullptr;
}

std::size_t request::count(std::string_view name) const {
    std::size_t n = 0;
    for (const field& f : fields)
        n += equal_ignoring_case(f.name, name);
    return n;
}

}  // namespace http
