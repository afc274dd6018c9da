#pragma once

#include <string>

#include <boost/json/object.hpp>

namespace cli {

/// The daemon's status for people.
std::string status_text(const boost::json::object& status);

}  // namespace cli
