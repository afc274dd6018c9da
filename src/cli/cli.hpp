#pragma once

namespace cli {

/// The program: parses the command line, runs one verb, returns the exit code (users' table in
/// README: 0 ok, 1 failure, 2 usage, 3 configuration, 4 daemon unreachable, 5 denied, 6 issuer
/// unavailable).
int run(int argc, char** argv);

}  // namespace cli
