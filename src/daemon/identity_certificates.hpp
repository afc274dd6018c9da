#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "imds/identity_signatures.hpp"

namespace daemon_ {

/// What verifiers of the identity document need, as the admin socket tells it
/// (admin::daemon_control::identity).
boost::json::object describe_certificates(const imds::identity_keys& keys);

/// The same from the files of a state directory, without a daemon; for whoever may read them. Not
/// found: there are none yet.
base::result<boost::json::object> read_certificates(const std::string& state_directory);

}  // namespace daemon_
