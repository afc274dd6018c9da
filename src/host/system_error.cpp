#include "host/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace host {

base::error system_failure(std::string_view path, std::string_view what) {
    const int code = errno;
    std::string message(path);
    message += ": cannot ";
    message += what;
    message += ": ";
    message += std::generic_category().message(code);
    if (code == ENOENT) return base::not_found(std::move(message));
    return base::unavailable(std::move(message));
}

}  // namespace host
