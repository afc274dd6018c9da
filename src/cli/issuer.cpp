#include <boost/json/object.hpp>

#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

/// For credential_process (AWS SDKs and Tools Reference Guide, "Process credential provider").
exit_code print_credentials(const std::string& file, const surroundings& world) {
    const config::load_result read = config::load(file, world.environment);
    for (const config::diagnostic& each : read.diagnostics)
        if (!each.warning) world.err << printable(each.text()) << '\n';
    if (!read.loaded) return exit_code::configuration;
    const auto found = world.administrator(*read.loaded);
    if (!found) {
        world.err << "imdsd: " << printable(found.error().message) << '\n';
        return found.error().kind == base::error_kind::denied ? exit_code::denied
                                                              : exit_code::failure;
    }
    std::string text = encoding::json_text(
        boost::json::object{{"Version", 1},
                            {"AccessKeyId", found->access_key_id},
                            {"SecretAccessKey", found->secret_access_key.reveal()}});
    world.out << text << '\n';
    base::wipe(text.data(), text.size());
    return exit_code::ok;
}

}  // namespace

exit_code run_issuer(const options& given, const surroundings& world) {
    const std::string file = given.config.empty() ? default_config : given.config;
    if (given.admin_credentials) return print_credentials(file, world);
    serve_request request;
    request.config = file;
    request.issuer_alone = true;
    request.verbose = given.verbose;
    request.quiet = given.quiet;
    return exit_code(world.serve(request));
}

}  // namespace cli
