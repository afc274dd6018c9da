#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "encoding/form.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {

inline constexpr std::string_view algorithm_name = "AWS4-HMAC-SHA256";
inline constexpr std::string_view asymmetric_algorithm_name = "AWS4-ECDSA-P256-SHA256";
inline constexpr std::string_view scope_terminator = "aws4_request";

/// Credential, SignedHeaders and Signature as written, before anything is checked. The views point
/// into the Authorization value or into the query's fields.
struct raw_parameters {
    algorithm how = algorithm::hmac;
    std::string_view credential;
    std::string_view signed_headers;
    std::string_view signature;
};

std::string_view name_of(algorithm how);
std::optional<algorithm> algorithm_of(std::string_view name);

/// AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=… in any order, the separating comma
/// with or without spaces. Missing parameters stay empty.
base::result<raw_parameters> parse_authorization(std::string_view value);

/// keyid/date/region/service/terminator; SigV4A has no region.
struct credential_parts {
    std::string_view access_key_id;
    std::string_view date;
    std::string_view region;
    std::string_view service;
    std::string_view terminator;
};
base::result<credential_parts> parse_credential(std::string_view text, algorithm how);

/// a;b;c → lower case, sorted; duplicates and names that are no header names are refused.
base::result<std::vector<std::string>> parse_signed_headers(std::string_view text);

/// The X-Amz-* parameters of a query that belong to the signature. Views into `fields`.
struct query_parameters {
    std::optional<std::string_view> algorithm;
    std::optional<std::string_view> credential;
    std::optional<std::string_view> date;
    std::optional<std::string_view> expires;
    std::optional<std::string_view> signed_headers;
    std::optional<std::string_view> security_token;
    std::optional<std::string_view> signature;
    std::optional<std::string_view> content_sha256;
    std::optional<std::string_view> region_set;
    bool any = false;  ///< at least one of the above, in any letter case

    /// The request asks to be authenticated by its query.
    bool is_presigned() const { return algorithm || credential || signature; }
};
/// A name that differs in letter case only, or comes twice, is refused.
base::result<query_parameters> find_query_parameters(
    const std::vector<encoding::form_field>& fields);

}  // namespace sigv4
