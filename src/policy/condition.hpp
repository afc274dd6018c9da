#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/context.hpp"
#include "policy/pattern.hpp"
#include "policy/values.hpp"

namespace policy {

/// `unevaluable`: a literal of the policy is malformed (only session policies may hold such), or
/// a list of no values would hold, so nobody knows what its author meant. An Allow then does not
/// apply and a Deny does.
enum class verdict { no, yes, unevaluable };

/// One key of a Condition block with its operator and values, compiled.
class condition {
public:
    struct source {
        std::string_view operation;  ///< "ForAllValues:StringLikeIfExists"
        std::string_view key;
        std::vector<std::string> values;
    };
    struct rules {
        bool variables = true;  ///< the document's version is 2012-10-17
        /// IAM takes malformed numbers, dates, addresses and ARNs in session policies and refuses
        /// them in stored ones.
        bool lenient_literals = false;
    };
    static base::result<condition> parse(const source& from, rules chosen);

    verdict evaluate(const context& facts) const;
    const std::string& key() const { return key_; }  ///< lower case
    /// As written.
    const std::string& operation() const { return operation_; }
    const std::vector<std::string>& values() const { return values_; }
    /// Keys of the request that the answer depends on besides `key`: its variables', lower case.
    void add_variable_keys(std::vector<std::string>& to) const;

private:
    enum class family {
        string,
        like,
        string_ignoring_case,
        number,
        date,
        boolean,
        binary,
        ip,
        arn,
        null
    };
    enum class relation { equal, less, less_or_equal, greater, greater_or_equal };
    enum class quantifier { none, all, any };
    struct operation_row;

    static const operation_row* find_operation(std::string_view name);
    base::result<void> add_value(const std::string& text, rules chosen);
    verdict compare(const context& facts) const;
    verdict holds_for(std::string_view value, const context& facts) const;
    bool holds(int order) const;
    /// Nothing: the request's value cannot be read as this family, which fails the comparison.
    std::optional<bool> matches_any(std::string_view value, const context& facts) const;
    bool same(std::string_view expanded, std::string_view value) const;

    family family_ = family::string;
    relation relation_ = relation::equal;
    quantifier quantifier_ = quantifier::none;
    bool negated_ = false;
    bool if_exists_ = false;
    bool malformed_literal_ = false;
    std::string key_;  // lower case
    std::string operation_;
    std::vector<std::string> values_;

    std::vector<pattern> patterns_;       // string families, arn, boolean
    std::vector<decimal> numbers_;        // number
    std::vector<base::wall_time> dates_;  // date
    std::vector<address_block> blocks_;   // ip
    std::vector<std::string> binaries_;   // binary, decoded
    bool wants_absent_ = false;           // null
    bool wants_present_ = false;          // null
};

}  // namespace policy
