#include "host/first_line.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string_view>

#include "host/file_descriptor.hpp"
#include "host/system_error.hpp"

namespace host {

base::result<std::string> first_line(const std::string& file) {
    const file_descriptor fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd.is_open()) return system_failure(file, "open");
    char bytes[512];
    const ssize_t got = ::read(fd.get(), bytes, sizeof bytes);
    if (got < 0) return system_failure(file, "read");
    const std::string_view text(bytes, std::size_t(got));
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace host
