#include "policy/condition.hpp"

#include "encoding/base64.hpp"
#include "encoding/utf8.hpp"
#include "policy/unicode.hpp"

namespace policy {

namespace {

/// Field by field: a wildcard does not cross the first five colons.
bool same_arn(std::string_view compiled, std::string_view value) {
    if (compiled.size() == 1 && compiled.front() == any_run) return true;
    const auto wanted = split_arn(compiled);
    const auto fields = split_arn(value);
    if (!wanted || !fields) return false;
    for (std::size_t i = 0; i < fields->size(); ++i) {
        if (!glob((*wanted)[i], (*fields)[i])) return false;
    }
    return true;
}

}  // namespace

struct condition::operation_row {
    std::string_view name;
    family kind;
    relation compare = relation::equal;
    bool negated = false;
};

const condition::operation_row* condition::find_operation(std::string_view name) {
    using f = family;
    using r = relation;
    static constexpr operation_row table[] = {
        {"StringEquals", f::string},
        {"StringNotEquals", f::string, r::equal, true},
        {"StringEqualsIgnoreCase", f::string_ignoring_case},
        {"StringNotEqualsIgnoreCase", f::string_ignoring_case, r::equal, true},
        {"StringLike", f::like},
        {"StringNotLike", f::like, r::equal, true},
        {"NumericEquals", f::number},
        {"NumericNotEquals", f::number, r::equal, true},
        {"NumericLessThan", f::number, r::less},
        {"NumericLessThanEquals", f::number, r::less_or_equal},
        {"NumericGreaterThan", f::number, r::greater},
        {"NumericGreaterThanEquals", f::number, r::greater_or_equal},
        {"DateEquals", f::date},
        {"DateNotEquals", f::date, r::equal, true},
        {"DateLessThan", f::date, r::less},
        {"DateLessThanEquals", f::date, r::less_or_equal},
        {"DateGreaterThan", f::date, r::greater},
        {"DateGreaterThanEquals", f::date, r::greater_or_equal},
        {"Bool", f::boolean},
        {"BinaryEquals", f::binary},
        {"IpAddress", f::ip},
        {"NotIpAddress", f::ip, r::equal, true},
        {"ArnEquals", f::arn},
        {"ArnLike", f::arn},
        {"ArnNotEquals", f::arn, r::equal, true},
        {"ArnNotLike", f::arn, r::equal, true},
        {"Null", f::null},
    };
    for (const operation_row& row : table) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

base::result<condition> condition::parse(const source& from, rules chosen) {
    constexpr std::string_view all_prefix = "ForAllValues:";
    constexpr std::string_view any_prefix = "ForAnyValue:";
    constexpr std::string_view exists_suffix = "IfExists";
    condition out;
    std::string_view name = from.operation;
    if (name.starts_with(all_prefix)) {
        out.quantifier_ = quantifier::all;
        name.remove_prefix(all_prefix.size());
    } else if (name.starts_with(any_prefix)) {
        out.quantifier_ = quantifier::any;
        name.remove_prefix(any_prefix.size());
    }
    if (name.ends_with(exists_suffix)) {
        out.if_exists_ = true;
        name.remove_suffix(exists_suffix.size());
    }
    const operation_row* row = find_operation(name);
    const bool null_decorated = row != nullptr && row->kind == family::null &&
                                (out.if_exists_ || out.quantifier_ != quantifier::none);
    if (row == nullptr || null_decorated)
        return base::invalid("unknown condition operator '" + std::string(from.operation) + "'");
    out.family_ = row->kind;
    out.relation_ = row->compare;
    out.negated_ = row->negated;
    if (from.key.find(':') == std::string_view::npos || !encoding::is_utf8(from.key))
        return base::invalid("'" + std::string(from.key) + "' is not a condition key");
    out.key_ = lower_case(from.key);
    for (const std::string& value : from.values) {
        if (auto added = out.add_value(value, chosen); !added) return added.error();
    }
    out.operation_ = from.operation;
    out.values_ = from.values;
    return out;
}

base::result<void> condition::add_value(const std::string& text, rules chosen) {
    const auto malformed = [&](const char* what) -> base::result<void> {
        if (!chosen.lenient_literals)
            return base::invalid("'" + text + "' is not " + what + " (condition key '" + key_ +
                                 "')");
        malformed_literal_ = true;
        return {};
    };
    switch (family_) {
        case family::string:
        case family::string_ignoring_case:
        case family::like:
        case family::boolean:
        case family::arn: {
            const bool wildcards = family_ == family::like || family_ == family::arn;
            auto parsed = pattern::parse(text, {wildcards, chosen.variables});
            if (!parsed) return parsed.error();
            const bool variable = parsed->has_variables();
            if (family_ == family::arn && !variable && text != "*") {
                if (!text.starts_with("arn:")) return malformed("an ARN");
                // Fields are missing: there is nothing that it could match.
                if (!split_arn(text)) {
                    malformed_literal_ = true;
                    return {};
                }
            }
            if (family_ == family::boolean && !variable) {
                const std::string lower = lower_case(text);
                if (lower != "true" && lower != "false") return malformed("true or false");
            }
            patterns_.push_back(std::move(*parsed));
            return {};
        }
        case family::number: {
            auto parsed = decimal::parse(text);
            if (!parsed) return malformed("a number");
            numbers_.push_back(std::move(*parsed));
            return {};
        }
        case family::date: {
            const auto parsed = parse_date(text);
            if (!parsed) return malformed("a date");
            dates_.push_back(*parsed);
            return {};
        }
        case family::ip: {
            const auto parsed = address_block::parse(text);
            if (!parsed) return malformed("an IP address or CIDR block");
            blocks_.push_back(*parsed);
            return {};
        }
        case family::binary: {
            auto parsed = encoding::decode_base64(text);
            if (!parsed) return malformed("base64");
            binaries_.push_back(std::move(*parsed));
            return {};
        }
        case family::null: {
            const std::string lower = lower_case(text);
            if (lower != "true" && lower != "false") return malformed("true or false");
            (lower == "true" ? wants_absent_ : wants_present_) = true;
            return {};
        }
    }
    return {};
}

void condition::add_variable_keys(std::vector<std::string>& to) const {
    for (const pattern& p : patterns_)
        p.add_variable_keys(to);
}

verdict condition::evaluate(const context& facts) const {
    const verdict plain = compare(facts);
    // IAM takes a list without values. It matches nothing, so it can not be the reason to allow:
    // not by negation, nor by a key that is missing.
    return values_.empty() && plain == verdict::yes ? verdict::unevaluable : plain;
}

verdict condition::compare(const context& facts) const {
    const context::attribute* found = facts.find(key_);
    if (family_ == family::null) {
        if (found == nullptr ? wants_absent_ : wants_present_) return verdict::yes;
        return malformed_literal_ ? verdict::unevaluable : verdict::no;
    }
    if (found == nullptr) {
        if (if_exists_ || quantifier_ == quantifier::all) return verdict::yes;
        if (quantifier_ == quantifier::any) return verdict::no;
        return negated_ ? verdict::yes : verdict::no;
    }
    if (quantifier_ == quantifier::none) {
        // Seen on AWS: a plain operator never matches a multivalued key, not even negated.
        if (found->multivalued) return verdict::no;
        return holds_for(found->values.front(), facts);
    }
    const bool all = quantifier_ == quantifier::all;
    verdict sum = all ? verdict::yes : verdict::no;
    for (const std::string& value : found->values) {
        const verdict one = holds_for(value, facts);
        if (one == (all ? verdict::no : verdict::yes)) return one;
        if (one == verdict::unevaluable) sum = one;
    }
    return sum;
}

verdict condition::holds_for(std::string_view value, const context& facts) const {
    const std::optional<bool> matched = matches_any(value, facts);
    if (!matched) {
        // Unreadable numbers and dates are "not equal"; unreadable addresses and ARNs fail even
        // the negated comparison (both as captured from AWS).
        const bool unequal = family_ == family::number || family_ == family::date;
        return negated_ && unequal ? verdict::yes : verdict::no;
    }
    if (*matched) return negated_ ? verdict::no : verdict::yes;
    if (malformed_literal_) return verdict::unevaluable;
    return negated_ ? verdict::yes : verdict::no;
}

bool condition::holds(int order) const {
    switch (relation_) {
        case relation::equal:
            return order == 0;
        case relation::less:
            return order < 0;
        case relation::less_or_equal:
            return order <= 0;
        case relation::greater:
            return order > 0;
        case relation::greater_or_equal:
            return order >= 0;
    }
    return false;
}

std::optional<bool> condition::matches_any(std::string_view value, const context& facts) const {
    switch (family_) {
        case family::number: {
            const auto number = decimal::parse(value);
            if (!number) return std::nullopt;
            for (const decimal& n : numbers_) {
                if (holds(number->compare(n))) return true;
            }
            return false;
        }
        case family::date: {
            const auto date = parse_date(value);
            if (!date) return std::nullopt;
            for (const base::wall_time d : dates_) {
                if (holds(*date < d ? -1 : *date > d ? 1 : 0)) return true;
            }
            return false;
        }
        case family::ip: {
            const auto address = base::ip_address::parse(value);
            if (!address) return std::nullopt;
            for (const address_block& block : blocks_) {
                if (block.contains(*address)) return true;
            }
            return false;
        }
        case family::binary: {
            for (const std::string& binary : binaries_) {
                if (binary == value) return true;
            }
            return false;
        }
        case family::arn:
            if (!value.starts_with("arn:") || !split_arn(value)) return std::nullopt;
            break;
        default:
            break;
    }
    std::string scratch;
    for (const pattern& p : patterns_) {
        const auto expanded = p.expand(facts, scratch);
        if (expanded && same(*expanded, value)) return true;
    }
    return false;
}

bool condition::same(std::string_view expanded, std::string_view value) const {
    switch (family_) {
        case family::like:
            return glob(expanded, value);
        case family::string_ignoring_case:
            return same_ignoring_case(expanded, value);
        case family::boolean: {
            const bool wanted = same_ignoring_case(expanded, "true");
            if (!wanted && !same_ignoring_case(expanded, "false")) return false;
            return wanted == same_ignoring_case(value, "true");
        }
        case family::arn:
            return same_arn(expanded, value);
        default:
            return expanded == value;
    }
}

}  // namespace policy
