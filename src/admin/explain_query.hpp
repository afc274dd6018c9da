#pragma once

#include <string>
#include <string_view>

#include "admin/daemon_control.hpp"
#include "base/error.hpp"

namespace admin {

/// Named limits of a query string.
struct query_limits {
    std::size_t fields = 16;
    std::size_t value_bytes = 1024;
};

/// Reads the query of an explain request. Unknown and repeated names, empty values, control
/// characters, a pid that is none, an address that is none, facts of a local and of a network
/// caller at once, and a query with no fact at all are errors that say which.
base::result<explain_query> parse_explain_query(std::string_view raw, query_limits limits = {});

/// The inverse, for clients: "user=postgres&unit=backup.service"; empty when nothing is set.
std::string format_explain_query(const explain_query& query);

}  // namespace admin
