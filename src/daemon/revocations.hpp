#pragma once

#include <boost/json/object.hpp>

#include "admin/revoke_queries.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "iam/change_port.hpp"

namespace daemon_ {

/// Carries out what an operator asked for and tells what was done (admin::daemon_control::revoke).
/// Once it returns, the revocation is stored, and in force here. Blocks as `estate` does.
/// A mark that is later than the wanted one stays; revocations that concern no living session any
/// more are removed on the way. Errors: not_found, what is named does not exist; invalid; and those
/// of `estate`.
base::result<boost::json::object> revoke(iam::change_port& estate,
                                         const admin::revoke_request& request, base::wall_time now);

/// Those that may still concern a session, the newest first (admin::daemon_control::revocations).
boost::json::object list_revocations(const iam::directory& known, base::wall_time now);

}  // namespace daemon_
