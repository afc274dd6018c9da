#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"

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
    boost::json::object request_parameters;  ///< empty: null
    boost::json::object response_elements;   ///< empty: null
    boost::json::object additional;          ///< additionalEventData; empty: left out
    std::string error_code;                  ///< empty: success
    std::string error_message;
    std::string request_id;
    std::string event_id;
    std::string shared_event_id;  ///< of the records of one event in several accounts
    std::string account;
    bool read_only = true;
    boost::json::object tls_details;        ///< empty: left out
    boost::json::array resources;           ///< {accountId, type, ARN}; empty: left out
    std::string event_type = "AwsApiCall";  ///< or "AwsServiceEvent": not asked for by a caller
};

/// One line of JSON, without the newline. Bytes that are not UTF-8 (a cgroup may be named by
/// anything) become U+FFFD, so the line is valid JSON whatever the record holds.
std::string to_json_line(const record& r, std::string_view host_id);

/// A fresh `eventID`: a version 4 UUID (RFC 9562 section 5.4).
std::string new_event_id(base::random& random);

/// How CloudTrail writes the expiry of credentials: "Oct 25, 2024, 9:07:11 PM".
std::string expiration_text(base::wall_time time);

}  // namespace audit_record
