#include "cli/dispatch.hpp"

#include <utility>

#include "cli/command_line.hpp"

namespace cli {

exit_code dispatch(std::vector<std::string> arguments, const surroundings& world) {
    const command_line read = parse_command_line(std::move(arguments), world);
    const exit_code code =
        read.chosen != nullptr ? read.chosen->run(read.given, world) : read.finished;
    // Data that could not be written (a full disk) is a failure, whatever the verb thought.
    world.out.flush();
    if (!world.out && code == exit_code::ok) {
        world.err << "imdsd: cannot write to standard output\n";
        return exit_code::failure;
    }
    return code;
}

}  // namespace cli
