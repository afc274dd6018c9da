#include "cli/verbs.hpp"

namespace cli {

exit_code run_serve(const options& given, const surroundings& world) {
    serve_request request;
    request.config = given.config.empty() ? default_config : given.config;
    request.verbose = given.verbose;
    request.quiet = given.quiet;
    return exit_code(world.serve(request));
}

}  // namespace cli
