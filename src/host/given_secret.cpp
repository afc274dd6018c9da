#include "host/given_secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "host/secret_file.hpp"

namespace host {

namespace {

/// What systemd takes as the name of a credential: a file name of printable characters.
bool names_a_credential(std::string_view name) {
    constexpr std::size_t longest = 255;
    return !name.empty() && name.size() <= longest && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

}  // namespace

base::result<base::secret> read_service_credential(const std::string& name) {
    if (!names_a_credential(name))
        return base::invalid("'" + name + "' is not the name of a credential");
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr || directory[0] != '/')
        return base::not_found(
            "CREDENTIALS_DIRECTORY is not set: systemd sets it for services with LoadCredential= "
            "and the like");
    return read_secret_file(std::string(directory) + "/" + name, largest_secret_file,
                            secret_readers::group);
}

base::result<base::secret> take_environment_secret(const std::string& name) {
    char* value = std::getenv(name.c_str());
    if (value == nullptr || value[0] == '\0')
        return base::not_found("the environment variable " + name + " is not set");
    base::secret taken{std::string_view(value)};
    base::wipe(value, std::strlen(value));
    if (::unsetenv(name.c_str()) != 0)
        return base::invalid("'" + name + "' is not the name of an environment variable");
    return taken;
}

}  // namespace host
