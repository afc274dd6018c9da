#include "cli/cli.hpp"

#include <iostream>

#include "cli/dispatch.hpp"
#include "daemon/serve.hpp"
#include "host/system_clock.hpp"

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

base::result<aws::credentials> administrator(const config::configuration&) {
    return base::unavailable("the issuer keeps no administrator");
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
