#include <algorithm>

#include "config/sections.hpp"

namespace config {

namespace {

// sockaddr_un: 108 bytes with the final zero.
constexpr std::size_t longest_socket_path = 107;
constexpr std::size_t longest_path = 4095;
constexpr std::uint64_t least_rotation = 64 * 1024;
constexpr std::uint64_t most_rotation = std::uint64_t(1024) << 30;

/// A directory from the environment; systemd separates several with colons. Relative ones are
/// invalid (XDG Base Directory Specification).
std::optional<std::string> directory(const environment& from, std::string_view variable) {
    auto value = from.variable(variable);
    if (!value) return std::nullopt;
    if (variable == "STATE_DIRECTORY" || variable == "RUNTIME_DIRECTORY")
        value->erase(std::min(value->find(':'), value->size()));
    if (value->empty() || value->front() != '/') return std::nullopt;
    return value;
}

std::optional<std::string> default_state_directory(const environment& from) {
    if (auto path = directory(from, "STATE_DIRECTORY")) return path;
    if (auto path = directory(from, "XDG_STATE_HOME")) return *path + "/imdsd";
    if (from.own_uid() == 0) return "/var/lib/imdsd";
    if (auto path = directory(from, "HOME")) return *path + "/.local/state/imdsd";
    return std::nullopt;
}

std::string default_socket(const environment& from, const std::string& state_directory) {
    if (auto path = directory(from, "RUNTIME_DIRECTORY")) return *path + "/admin.sock";
    if (auto path = directory(from, "XDG_RUNTIME_DIR")) return *path + "/imdsd/admin.sock";
    if (from.own_uid() == 0) return "/run/imdsd/admin.sock";
    return state_directory + "/admin.sock";
}

void read_admin(const mapping& top, configuration& into, context with) {
    const node* value = top.find("admin");
    position socket_at = top.at();
    if (value) {
        const mapping fields(*value, sections::admin, with.out);
        if (auto path = read_path(fields, "socket", "a path with a '/'", with))
            into.admin.socket = std::move(*path);
        socket_at = fields.at("socket");
        if (const node* group = fields.find("group")) {
            const auto name = read_text(*group, "group", with.out);
            if (name && group->plain && name->find_first_not_of("0123456789") == name->npos) {
                if (const auto gid = read_integer(*group, "group", 0, 4294967294, with.out))
                    into.admin.group = std::uint32_t(*gid);
            } else if (name) {
                into.admin.group = with.from.gid_of_group(*name);
                if (!into.admin.group)
                    with.out.error(group->at, "there is no group " + quoted(*name));
            }
        }
    }
    if (into.admin.socket.empty())
        into.admin.socket = default_socket(with.from, into.state_directory);
    if (into.admin.socket.size() > longest_socket_path) {
        with.out.error(socket_at, "the path of the admin socket is longer than " +
                                      std::to_string(longest_socket_path) +
                                      " bytes: " + into.admin.socket);
    }
}

void read_rotation(const mapping& audit, configuration& into, context with) {
    const node* value = audit.find("rotate");
    if (!value) return;
    if (!into.audit.is_file()) {
        with.out.error(value->at, "'rotate' is for a file; 'output' is " + into.audit.output);
        return;
    }
    const mapping fields(*value, sections::audit_rotation, with.out);
    if (const node* size = fields.require("size")) {
        if (const auto bytes = read_size(*size, "size", least_rotation, most_rotation, with.out))
            into.audit.rotate.size = *bytes;
    }
    fields.integer("keep", std::size_t(0), std::size_t(100'000), into.audit.rotate.keep);
}

void read_audit(const mapping& top, configuration& into, context with) {
    into.audit.output = into.state_directory + "/audit.jsonl";
    into.audit.head_file = into.state_directory + "/audit-head.json";
    const node* value = top.find("audit");
    if (!value) return;
    const mapping fields(*value, sections::audit, with.out);
    const node* output = fields.find("output");
    if (output && output->is_scalar() &&
        (output->text == "stdout" || output->text == "journald" || output->text == "none"))
        into.audit.output = output->text;
    else if (auto path =
                 read_path(fields, "output", "stdout, journald, none or a path with a '/'", with))
        into.audit.output = std::move(*path);
    using mode = audit::options::failure_mode;
    fields.choice<mode>("on_failure", {{"deny", mode::deny}, {"allow", mode::allow}},
                        into.audit.on_failure);
    read_rotation(fields, into, with);
}

void read_container_engine(const mapping& top, configuration& into, context with) {
    const node* value = top.find("container_engine");
    if (!value) return;
    const mapping fields(*value, sections::container_engine, with.out);
    if (!fields.require("socket")) return;
    if (auto path = read_path(fields, "socket", "a path with a '/'", with))
        into.container_engine_socket = std::move(*path);
    if (into.container_engine_socket.size() > longest_socket_path) {
        with.out.error(fields.at("socket"),
                       "the path of the container engine's socket is longer "
                       "than " +
                           std::to_string(longest_socket_path) + " bytes");
    }
    const bool served =
        std::any_of(into.listeners.begin(), into.listeners.end(),
                    [](const listener& one) { return one.serves == listener::kind::container; });
    if (!served) {
        with.out.warning(top.at("container_engine"),
                         "no listener serves container: the container engine is not asked");
    }
}

}  // namespace

std::optional<std::string> read_path(const mapping& fields, std::string_view key,
                                     const std::string& form, context with) {
    const node* value = fields.find(key);
    const auto text = value ? read_text(*value, key, with.out) : std::nullopt;
    if (!text) return std::nullopt;
    if (text->find('/') == std::string::npos || text->size() > longest_path ||
        text->find('\0') != std::string::npos) {
        with.out.error(value->at, quoted(key) + " must be " + form);
        return std::nullopt;
    }
    if (text->front() == '~') {
        with.out.error(value->at, "'~' is not expanded in " + quoted(key) + "; write the path out");
        return std::nullopt;
    }
    return with.out.path_from(value->at, *text);
}

void read_places(const mapping& top, configuration& into, context with) {
    if (top.find("state_directory")) {
        if (auto path = read_path(top, "state_directory", "a path with a '/'", with))
            into.state_directory = std::move(*path);
    } else if (auto path = default_state_directory(with.from)) {
        into.state_directory = std::move(*path);
    } else {
        with.out.error(top.at(),
                       "'state_directory' is needed: none of STATE_DIRECTORY, XDG_STATE_HOME and "
                       "HOME is set");
    }
    if (into.store.where == store_options::kind::sqlite && into.store.path.empty())
        into.store.path = into.state_directory + "/issuer.db";
    read_admin(top, into, with);
    read_audit(top, into, with);
    read_container_engine(top, into, with);
}

}  // namespace config
