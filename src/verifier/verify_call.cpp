#include "verifier/verify_call.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "encoding/percent.hpp"

namespace verifier {

namespace {

failure bad_argument(std::string message) {
    return {IMDSD_BAD_ARGUMENT, "", std::move(message)};
}

class form {
public:
    void add(std::string_view name, std::string_view value) {
        if (!text_.empty()) text_ += '&';
        encoding::percent_encode(name, text_);
        text_ += '=';
        encoding::percent_encode(value, text_);
    }
    void add(std::string_view name, const char* value) {
        if (value != nullptr) add(name, std::string_view(value));
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

/// Fit for a header's value.
bool is_plain(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<failure> add_context(const imdsd_call_options& options, form& out) {
    for (std::size_t i = 0; i < options.context_count; ++i) {
        const imdsd_context_entry& entry = options.context[i];
        if (entry.key == nullptr || entry.type == nullptr ||
            (entry.values == nullptr && entry.value_count != 0))
            return bad_argument("a context entry needs a key, a type and its values");
        const std::string at = "ContextEntries.member." + std::to_string(i + 1) + ".";
        out.add(at + "ContextKeyName", entry.key);
        out.add(at + "ContextKeyType", entry.type);
        for (std::size_t j = 0; j < entry.value_count; ++j) {
            if (entry.values[j] == nullptr) return bad_argument("a value of the context is null");
            out.add(at + "ContextKeyValues.member." + std::to_string(j + 1), entry.values[j]);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<failure> make_call(const imdsd_claim& claim, const imdsd_call_options& options,
                                 std::int64_t now, imdsd_call& out) {
    for (const char* text : {options.host, options.access_key_id, options.secret_access_key}) {
        if (text == nullptr || !is_plain(text))
            return bad_argument("host, access key id and secret are required, and plain text");
    }
    if (options.session_token != nullptr && !is_plain(options.session_token))
        return bad_argument("the session token is not plain text");
    if (options.action == nullptr && (options.resource != nullptr || options.context_count != 0 ||
                                      options.resource_policy != nullptr))
        return bad_argument("resource, policy and context belong to an action");
    if (options.context == nullptr && options.context_count != 0)
        return bad_argument("the context is null");

    form fields;
    fields.add("Action", "VerifyCaller");
    fields.add("Version", "imdsd/v1");
    fields.add("AccessKeyId", claim.access_key_id);
    if (claim.session_token) fields.add("SessionToken", std::string_view(*claim.session_token));
    fields.add("Date", claim.scope.date);
    fields.add("Region", claim.scope.region);
    fields.add("Service", claim.scope.service);
    fields.add("ActionName", options.action);
    fields.add("ResourceArn", options.resource);
    fields.add("ResourceOwner", options.resource_owner);
    fields.add("ResourcePolicy", options.resource_policy);
    if (auto failed = add_context(options, fields)) return failed;
    out.body = fields.take();

    const std::string timestamp = base::iso8601_basic(at(now));
    out.fields = {{"Host", options.host},
                  {"Accept", "application/json"},
                  {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                  {"X-Amz-Date", timestamp}};
    std::vector<std::string> names{"content-type", "host", "x-amz-date"};
    if (options.session_token != nullptr) {
        out.fields.emplace_back("X-Amz-Security-Token", options.session_token);
        names.emplace_back("x-amz-security-token");
    }
    std::vector<http::field> views;
    for (const auto& [name, value] : out.fields)
        views.push_back({name, value});
    http::request request;
    request.method = "POST";
    request.target = "/";
    request.fields = views;
    request.body = out.body;
    const sigv4::scope scope{timestamp.substr(0, 8),
                             options.region == nullptr ? "us-east-1" : options.region, "sts"};
    auto value = sigv4::authorization(request, scope, timestamp, options.access_key_id,
                                      options.secret_access_key, names);
    if (!value) return bad_argument(value.error().message);
    out.fields.emplace_back("Authorization", std::move(*value));
    for (const auto& [name, text] : out.fields)
        out.headers.push_back({{name.data(), name.size()}, {text.data(), text.size()}});
    return std::nullopt;
}

}  // namespace verifier
