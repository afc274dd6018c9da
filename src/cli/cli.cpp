#include "cli/cli.hpp"

#include <iostream>

#include "cli/dispatch.hpp"
#include "daemon/estate.hpp"
#include "daemon/serve.hpp"
#include "host/system_clock.hpp"
#include "host/system_random.hpp"

namespace cli {

namespace {

int serve(const serve_request& request) {
    daemon_::serve_options given;
    given.config = request.config;
    given.issuer_alone = request.issuer_alone;
    given.verbose = request.verbose;
    given.quiet = request.quiet;
    return daemon_::serve(given);
}

base::result<aws::credentials> administrator(const config::configuration& from) {
    const host::system_clock clock;
    host::system_random random;
    auto found = daemon_::administrator_credentials(from, clock, random);
    if (!found) return found.error();
    aws::credentials out;
    out.access_key_id = std::move(found->access_key_id);
    out.secret_access_key = std::move(found->secret_access_key);
    return out;
}

}  // namespace

int run(int argc, char** argv) {
    const host::system_clock clock;
    const surroundings world{std::cout, std::cerr, config::system_environment(),
                             clock,     serve,     administrator};
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i)
        arguments.emplace_back(argv[i]);
    return int(dispatch(std::move(arguments), world));
}

}  // namespace cli
