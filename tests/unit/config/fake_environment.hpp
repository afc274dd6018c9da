#pragma once

#include <map>
#include <string>

#include "config/configuration.hpp"

/// Files, variables, users and groups that exist only in a test.
struct fake_environment final : config::environment {
    std::map<std::string, std::string, std::less<>> files;
    std::map<std::string, std::string, std::less<>> variables = {{"HOME", "/home/me"}};
    std::map<std::string, std::uint32_t> users = {{"postgres", 105}, {"alice", 1001}};
    std::map<std::string, std::uint32_t> groups = {{"ops", 2000}};
    std::uint32_t uid = 1000;

    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::uint32_t> uid_of_user(const std::string& name) const override {
        const auto found = users.find(name);
        return found == users.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::uint32_t> gid_of_group(const std::string& name) const override {
        const auto found = groups.find(name);
        return found == groups.end() ? std::nullopt : std::optional(found->second);
    }
    std::uint32_t own_uid() const override { return uid; }
    base::result<std::string> read_file(const std::string& path) const override {
        const auto found = files.find(path);
        if (found == files.end())
            return base::not_found("cannot read " + path + ": No such file or directory");
        return found->second;
    }
};

/// What is said about a configuration text, one line each, without "conf.yaml:".
inline std::vector<std::string> said_about(const std::string& text, fake_environment from = {}) {
    from.files["conf.yaml"] = text;
    std::vector<std::string> lines;
    for (const auto& d : config::load("conf.yaml", from).diagnostics) {
        auto line = d.text();
        if (line.rfind("conf.yaml:", 0) == 0) line.erase(0, 10);
        lines.push_back(line);
    }
    return lines;
}

inline config::configuration loaded(const std::string& text, fake_environment from = {}) {
    from.files["conf.yaml"] = text;
    auto result = config::load("conf.yaml", from);
    std::string said;
    for (const auto& d : result.diagnostics)
        said += d.text() + "\n";
    if (!result.loaded) throw std::runtime_error("does not load:\n" + said);
    return std::move(*result.loaded);
}
