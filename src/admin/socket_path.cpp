#include "admin/socket_path.hpp"

#include <algorithm>

namespace admin {

namespace {

constexpr std::string_view file_name = "admin.sock";
constexpr std::string_view system_socket = "/run/imdsd/admin.sock";

std::string join(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (path.empty() || path.back() != '/') path += '/';
    return path += name;
}

/// Empty variables count as unset, and relative directories are invalid (XDG Base Directory
/// Specification).
std::optional<std::string> directory(const variable_lookup& variable, std::string_view name) {
    auto value = variable(name);
    if (!value || value->empty() || value->front() != '/') return std::nullopt;
    // systemd lists several directories of one unit with colons between them; the first is ours.
    if (name == "RUNTIME_DIRECTORY" || name == "STATE_DIRECTORY") {
        value->erase(std::min(value->find(':'), value->size()));
    }
    return value;
}

std::optional<std::string> runtime_socket(const variable_lookup& variable) {
    if (const auto unit = directory(variable, "RUNTIME_DIRECTORY")) return join(*unit, file_name);
    if (const auto user = directory(variable, "XDG_RUNTIME_DIR")) {
        return join(join(*user, "imdsd"), file_name);
    }
    return std::nullopt;
}

std::optional<std::string> state_directory_of(const variable_lookup& variable, std::uint32_t uid) {
    if (const auto unit = directory(variable, "STATE_DIRECTORY")) return unit;
    if (const auto user = directory(variable, "XDG_STATE_HOME")) return join(*user, "imdsd");
    if (uid == 0) return "/var/lib/imdsd";
    if (const auto home = directory(variable, "HOME")) return join(*home, ".local/state/imdsd");
    return std::nullopt;
}

}  // namespace

std::vector<std::string> socket_candidates(const variable_lookup& variable, std::uint32_t uid) {
    std::vector<std::string> paths;
    if (auto path = runtime_socket(variable)) paths.push_back(std::move(*path));
    if (const auto state = state_directory_of(variable, uid); state && uid != 0) {
        paths.push_back(join(*state, file_name));
    }
    paths.emplace_back(system_socket);
    return paths;
}

}  // namespace admin
