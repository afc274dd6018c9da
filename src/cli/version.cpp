#include "cli/verbs.hpp"
#include "encoding/json.hpp"

namespace cli {

exit_code run_version(const options& given, const surroundings& world) {
    if (given.output == output_format::json) {
        boost::json::object version;
        version["apiVersion"] = "imdsd/v1";
        version["name"] = "imdsd";
        version["version"] = IMDSD_VERSION;
        world.out << encoding::json_text(version) << '\n';
    } else {
        world.out << "imdsd " << IMDSD_VERSION << '\n';
    }
    return exit_code::ok;
}

}  // namespace cli
