#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "policy/condition.hpp"
#include "policy/document.hpp"
#include "policy/evaluate.hpp"
#include "support/catch.hpp"

namespace helpers {

using texts = std::vector<std::string>;

inline policy::condition condition(std::string_view operation, std::string_view key, texts values,
                                   policy::condition::rules rules = {}) {
    auto parsed = policy::condition::parse({operation, key, std::move(values)}, rules);
    INFO(operation);
    if (!parsed) FAIL(parsed.error().message);
    return std::move(*parsed);
}

/// What a condition on key `k:k` says when the request has `value` there.
inline policy::verdict with(std::string_view operation, texts values, std::string_view value) {
    policy::context facts;
    facts.set("k:k", value);
    return condition(operation, "k:k", std::move(values)).evaluate(facts);
}
inline policy::verdict with_many(std::string_view operation, texts values, texts in_request) {
    policy::context facts;
    facts.set_many("k:k", in_request);
    return condition(operation, "k:k", std::move(values)).evaluate(facts);
}
inline policy::verdict without(std::string_view operation, texts values) {
    return condition(operation, "k:k", std::move(values)).evaluate({});
}

constexpr auto yes = policy::verdict::yes;
constexpr auto no = policy::verdict::no;

inline policy::document document(const std::string& text,
                                 policy::document_kind kind = policy::document_kind::identity) {
    auto parsed = policy::document::parse(text, kind);
    INFO(text);
    if (!parsed) FAIL(parsed.error().message);
    return std::move(*parsed);
}

/// The message of a refusal; empty when the text is taken.
inline std::string refusal(const std::string& text,
                           policy::document_kind kind = policy::document_kind::identity) {
    const auto parsed = policy::document::parse(text, kind);
    if (parsed) return {};
    CHECK(parsed.error().code == "MalformedPolicyDocument");
    CHECK(parsed.error().kind == base::error_kind::invalid);
    return parsed.error().message;
}

inline std::string statement(const std::string& members) {
    return R"({"Version":"2012-10-17","Statement":[{)" + members + "}]}";
}

}  // namespace helpers
