#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_text.hpp"
#include "http/request.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4_test {

inline constexpr std::string_view key_id = "AKIDEXAMPLE";
inline constexpr std::string_view secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline constexpr std::string_view timestamp = "20240517T123456Z";
inline constexpr std::string_view body_text = "Action=GetCallerIdentity&Version=2011-06-15";

inline base::wall_time signing_time() {
    return base::parse_iso8601_basic(timestamp).value();
}

/// A request that owns its text, so that tests can change it.
struct message {
    std::string method = "POST";
    std::string target = "/";
    std::vector<std::pair<std::string, std::string>> fields = {
        {"Host", "sts.example.test"},
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
        {"X-Amz-Date", std::string(timestamp)}};
    std::string body{body_text};

    std::string* find(std::string_view name) {
        for (auto& [field_name, value] : fields) {
            if (http::equal_ignoring_case(field_name, name)) return &value;
        }
        return nullptr;
    }
    void remove(std::string_view name) {
        std::erase_if(fields, [&](const auto& field) {
            return http::equal_ignoring_case(field.first, name);
        });
    }
    void add(std::string name, std::string value) {
        fields.emplace_back(std::move(name), std::move(value));
    }

    template <class F>
    auto with_request(F use) const {
        std::vector<http::field> views;
        for (const auto& [name, value] : fields) {
            views.push_back({name, value});
        }
        http::request request;
        request.method = method;
        request.target = target;
        request.fields = views;
        request.body = body;
        return use(static_cast<const http::request&>(request));
    }

    base::result<sigv4::claim> claim(base::wall_time now = signing_time(),
                                     const sigv4::rules& rules = {}) const {
        return with_request(
            [&](const http::request& request) { return sigv4::read_claim(request, now, rules); });
    }
    /// The whole verification.
    bool verifies(std::string_view secret = secret_key) const {
        return with_request([&](const http::request& request) {
            const auto claim = sigv4::read_claim(request, signing_time(), {});
            if (!claim) return false;
            const auto same = sigv4::matches(request, *claim, secret);
            return same.has_value() && *same;
        });
    }
    /// "Code: message" of the failure, or what `matches` said.
    std::string outcome(base::wall_time now = signing_time(),
                        const sigv4::rules& rules = {}) const {
        return with_request([&](const http::request& request) {
            const auto claim = sigv4::read_claim(request, now, rules);
            if (!claim) return claim.error().code + ": " + claim.error().message;
            const auto same = sigv4::matches(request, *claim, secret_key);
            if (!same) return same.error().code + ": " + same.error().message;
            return std::string(*same ? "matches" : "differs");
        });
    }

    /// Signs all fields there are (but Authorization) and adds the Authorization field.
    void sign(std::string_view region = "us-east-1", std::string_view secret = secret_key) {
        remove("Authorization");
        std::vector<std::string> names;
        for (const auto& [name, value] : fields) {
            names.push_back(name);
        }
        const sigv4::scope scope{"20240517", std::string(region), "sts"};
        add("Authorization", with_request([&](const http::request& request) {
                return sigv4::authorization(request, scope, timestamp, key_id, secret, names)
                    .value();
            }));
    }
};

/// Authorization value with a signature that was computed elsewhere.
inline std::string authorization_value(std::string_view signed_headers, std::string_view signature,
                                       std::string_view region = "us-east-1") {
    std::string out = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240517/";
    out.append(region).append("/sts/aws4_request, SignedHeaders=").append(signed_headers);
    return out.append(", Signature=").append(signature);
}

}  // namespace sigv4_test
