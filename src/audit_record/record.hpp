#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/clock.hpp"

namespace audit_record {

/// One event in CloudTrail's shape (its record contents, event version 1.11). No member can hold a
/// secret key, a session token or an IMDS token.
struct record {
    base::wall_time time{};
    std::string event_source;  ///< "sts.amazonaws.com" or "imds.imdsd"
    std::string event_name;  ///< "AssumeRole", "GetRoleCredentials", "RefuseCaller", "Reload", …
    std::string region;
    std::string source_address;
    std::string user_agent;
    boost::json::object user_identity;
    boost::json::object request_parameters;
    boost::json::object response_elements;  ///< empty: null
    boost::json::object additional;         ///< additionalEventData; empty: left out
    std::string error_code;                 ///< empty: success
    std::string error_message;
    std::string request_id;
    std::string event_id;
    std::string account;
    bool read_only = true;
};

/// One line of JSON, without the newline.
std::string to_json_line(const record& r, std::string_view host_id);

}  // namespace audit_record
