#pragma once

#include <string>
#include <string_view>

namespace cli {

/// A record of the audit log as one line for people: time, event, who, from where, what came of it.
/// A line that is none is shown as it is, fit for a terminal.
std::string audit_line_text(std::string_view record);

}  // namespace cli
