#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/hash.hpp"

namespace audit {

/// A line's place in its chain: its number, from 1 and without gaps, and the SHA-256 of its bytes
/// without the newline. Number 0: no line yet.
struct link {
    std::uint64_t sequence = 0;
    crypto::digest256 hash{};

    bool operator==(const link&) const = default;
};

/// The last member of each record in a file:
/// "auditChain":{"sequence":N,"previous":"<hash of the line before, in hex>"}. The first line of a
/// chain has null there and says in "begins" why there is nothing before it.
inline constexpr std::string_view chain_member = "auditChain";

/// A longer line is nobody's record.
inline constexpr std::size_t longest_line = 8u << 20;

/// Numbers records and ties each to the one before.
class chain {
public:
    /// Goes on after `last`; after number 0 it begins, for the reason given.
    explicit chain(link last, std::string begins = "there is no earlier record");

    /// The lines (JSON objects, each with its newline) as they are to be written.
    std::string extend(std::string_view lines);
    const link& last() const { return last_; }

private:
    link last_;
    std::string begins_;
};

/// What a line says of itself.
struct chained_line {
    enum class kind {
        linked,     ///< a record of a chain
        unchained,  ///< a JSON object without a place in a chain
        unreadable  ///< not a JSON object: cut short, or damaged
    };
    kind what = kind::unreadable;
    link own;
    std::optional<crypto::digest256> previous;  ///< none: the chain begins here
    std::string flaw;                           ///< of an unreadable one
};
/// `line` has no newline. A place in a chain that is malformed makes a line unreadable.
chained_line read_chained_line(std::string_view line);

/// The hash in hex, as it is written.
std::string hash_text(const crypto::digest256& hash);
std::optional<crypto::digest256> parse_hash(std::string_view text);

}  // namespace audit
