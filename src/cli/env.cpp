#include <filesystem>

#include "admin/environment_query.hpp"
#include "base/secret.hpp"
#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "encoding/json.hpp"
#include "host/secret_file.hpp"

namespace cli {

namespace {

constexpr std::string_view token_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr std::string_view token_file_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// For POSIX shells: what eval reads gives back the same text.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

/// The host of http://host[:port]/…, without brackets; empty for what is no URL.
std::string host_of(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return {};
    url.remove_prefix(scheme.size());
    url = url.substr(0, url.find('/'));
    if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
    return std::string(url.substr(0, url.find(':')));
}

bool is_listed(std::string_view list, std::string_view host) {
    while (!list.empty()) {
        std::string_view entry = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), entry.size() + 1));
        while (entry.starts_with(' '))
            entry.remove_prefix(1);
        while (entry.ends_with(' '))
            entry.remove_suffix(1);
        if (entry == host || entry == "*") return true;
    }
    return false;
}

/// Behind a proxy, programs would ask the proxy for their credentials.
void add_no_proxy(boost::json::object& variables, const surroundings& world) {
    const bool proxied = world.environment.variable("http_proxy").value_or("") != "" ||
                         world.environment.variable("HTTP_PROXY").value_or("") != "";
    if (!proxied) return;
    std::string list = world.environment.variable("no_proxy").value_or("");
    if (list.empty()) list = world.environment.variable("NO_PROXY").value_or("");
    std::vector<std::string> hosts;
    for (const auto& [name, value] : variables) {
        if (name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") hosts.push_back("169.254.170.2");
        if (value.is_string()) hosts.push_back(host_of(std::string_view(value.get_string())));
    }
    const std::string before = list;
    for (const std::string& host : hosts) {
        if (host.empty() || is_listed(list, host)) continue;
        if (!list.empty()) list += ',';
        list += host;
    }
    if (list == before) return;
    variables["NO_PROXY"] = list;
    variables["no_proxy"] = list;
}

/// The token goes to a file that its owner alone can read, without a newline at its end (which one
/// SDK would send). False: it could not; that has been said.
bool keep_token(boost::json::object& variables, const options& given, const surroundings& world) {
    const std::string token = shown(variables, token_variable);
    if (token.empty()) {
        world.err << "imdsd: there is no token to write: no listener that serves container can be "
                     "reached by a full URI\n";
        return false;
    }
    const std::string path = std::filesystem::absolute(given.token_file).string();
    if (const auto written = host::write_secret_file(path, base::secret(token)); !written) {
        world.err << "imdsd: " << printable(written.error().message) << '\n';
        return false;
    }
    boost::json::object rest;
    for (const auto& [name, value] : variables) {
        if (name == token_variable) {
            rest[token_file_variable] = path;
        } else {
            rest[name] = value;
        }
    }
    variables = std::move(rest);
    return true;
}

}  // namespace

exit_code run_env(const options& given, const surroundings& world) {
    const bool own = !given.whose.profile && !given.whose.binding;
    const std::string target =
        own ? "/v1/env" : "/v1/env/of?" + admin::format_environment_query(given.whose);
    const asked outcome = ask(given, world, "GET", target);
    if (!outcome.got) return outcome.code;
    boost::json::object body = outcome.got->body;
    if (!truth(body, "allowed")) {
        world.err << "imdsd: " << shown(body, "reason") << '\n';
        return own ? exit_code::denied : exit_code::failure;
    }
    const boost::json::object* found = object_in(body, "variables");
    boost::json::object variables = found ? *found : boost::json::object();
    if (variables.empty()) {
        world.err << "imdsd: no listener can be reached that needs a variable\n";
        return exit_code::failure;
    }
    if (!given.token_file.empty() && !keep_token(variables, given, world))
        return exit_code::failure;
    add_no_proxy(variables, world);
    if (given.output == output_format::json) {
        body["variables"] = variables;
        world.out << encoding::json_text(body) << '\n';
        return exit_code::ok;
    }
    for (const auto& [name, value] : variables) {
        if (!value.is_string()) continue;
        world.out << "export " << printable(std::string_view(name.data(), name.size())) << '='
                  << shell_quoted(printable(std::string_view(value.get_string()))) << '\n';
    }
    return exit_code::ok;
}

}  // namespace cli
