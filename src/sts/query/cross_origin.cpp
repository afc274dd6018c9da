#include "sts/query/cross_origin.hpp"

#include <algorithm>
#include <string_view>

namespace sts {

namespace {

constexpr std::string_view permissions =
    "Access-Control-Allow-Methods: GET, POST\r\n"
    "Access-Control-Allow-Headers: authorization, content-type, x-amz-date, x-amz-security-token, "
    "x-amz-content-sha256, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request\r\n"
    "Access-Control-Max-Age: 600\r\n";

/// The value for Access-Control-Allow-Origin; empty: none.
std::string_view permitted(const http::request& request, const std::vector<std::string>& allowed) {
    const http::field* origin = request.find("origin");
    if (origin == nullptr) return {};
    for (const std::string& one : allowed) {
        if (one == "*") return "*";
        if (one == origin->value) return one;
    }
    return {};
}

}  // namespace

bool is_preflight(const http::request& request, const std::vector<std::string>& allowed) {
    return !allowed.empty() && request.method == "OPTIONS" && request.find("origin") != nullptr &&
           request.find("access-control-request-method") != nullptr;
}

void answer_preflight(const http::request& request, const std::vector<std::string>& allowed,
                      http::response& answer) {
    const bool granted = !permitted(request, allowed).empty();
    answer.status = granted ? 200 : 403;
    answer.headers = "Content-Type: text/plain\r\n";
    if (granted) answer.more_headers += permissions;
}

void permit_origin(const http::request& request, const std::vector<std::string>& allowed,
                   http::response& answer) {
    if (allowed.empty()) return;
    answer.more_headers += "Vary: origin\r\n";
    const std::string_view origin = permitted(request, allowed);
    if (origin.empty()) return;
    answer.more_headers.append("Access-Control-Allow-Origin: ").append(origin);
    answer.more_headers += "\r\nAccess-Control-Expose-Headers: x-amzn-requestid\r\n";
}

}  // namespace sts
