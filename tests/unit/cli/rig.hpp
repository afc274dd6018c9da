#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/dispatch.hpp"
#include "support/manual_clock.hpp"

namespace cli_test {

/// Variables and files of a host that exists only in the test.
class fake_environment final : public config::environment {
public:
    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = variables.find(std::string(name));
        if (found == variables.end()) return std::nullopt;
        return found->second;
    }
    std::optional<std::uint32_t> uid_of_user(const std::string& name) const override {
        if (name == "postgres") return 112;
        return std::nullopt;
    }
    std::optional<std::uint32_t> gid_of_group(const std::string&) const override {
        return std::nullopt;
    }
    std::uint32_t own_uid() const override { return 1000; }
    base::result<std::string> read_file(const std::string& path) const override {
        const auto found = files.find(path);
        if (found == files.end()) return base::not_found(path + ": no such file");
        return found->second;
    }

    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> files;
};

/// Runs command lines and keeps what they print.
struct rig {
    fake_environment environment;
    support::manual_clock clock;
    std::vector<cli::serve_request> served;
    int serve_returns = 0;
    std::string out;
    std::string err;

    base::result<aws::credentials> administrator() const {
        if (!has_administrator) return base::denied("the state directory cannot be read");
        aws::credentials made;
        made.access_key_id = "AKIAIOSFODNN7EXAMPLE";
        made.secret_access_key = base::secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        return made;
    }
    bool has_administrator = true;

    int run(std::vector<std::string> arguments) {
        std::ostringstream out_stream;
        std::ostringstream err_stream;
        const cli::surroundings world{
            out_stream,
            err_stream,
            environment,
            clock,
            [this](const cli::serve_request& request) {
                served.push_back(request);
                return serve_returns;
            },
            [this](const config::configuration&) { return administrator(); }};
        const auto code = cli::dispatch(std::move(arguments), world);
        out = out_stream.str();
        err = err_stream.str();
        return int(code);
    }
};

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace cli_test
