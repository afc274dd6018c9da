#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/line_reader.hpp"
#include "audit/verifier.hpp"

namespace audit {

/// The files of a log, opened so that a rotation meanwhile leaves no gap, in the order in which
/// they were written: by the number of the first record that is chained.
base::result<std::vector<line_reader>> open_log(const std::string& log);
/// Those named.
base::result<std::vector<line_reader>> open_files(const std::vector<std::string>& paths);

/// Reads them to their ends. Errors: a file cannot be read.
base::result<verdict> verify_files(std::vector<line_reader> files, std::optional<link> head);

/// Of the log and its head, which may be of a daemon that writes at this moment. `head_path` empty:
/// not looked at.
base::result<verdict> verify_log(const std::string& log, const std::string& head_path);

}  // namespace audit
