#pragma once

#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace sts {

/// Browsers' cross-origin rules (Fetch standard, section 3.2). `allowed` are origins to the byte,
/// such as "https://app.example.com", or "*"; empty: the issuer is not for browsers.

/// An OPTIONS request that asks for permission.
bool is_preflight(const http::request& request, const std::vector<std::string>& allowed);
/// 200 with the permission, or 403 without.
void answer_preflight(const http::request& request, const std::vector<std::string>& allowed,
                      http::response& answer);
/// Adds what lets the page read the answer.
void permit_origin(const http::request& request, const std::vector<std::string>& allowed,
                   http::response& answer);

}  // namespace sts
