#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "config/report.hpp"
#include "config/schema.hpp"
#include "config/tree.hpp"

namespace config {

/// What every part of the reader works with.
struct context {
    const environment& from;
    report& out;
};

/// Scalars. A value of the wrong type is reported under the name `key`, and gives nothing.
/// Numbers and booleans must be written plainly: a quoted string is never one.
std::optional<std::string> read_text(const node& value, std::string_view key, report& out);
std::optional<bool> read_boolean(const node& value, std::string_view key, report& out);
std::optional<std::int64_t> read_integer(const node& value, std::string_view key,
                                         std::int64_t least, std::int64_t most, report& out);
/// Bytes: a number with KiB, MiB or GiB behind it, or without.
std::optional<std::uint64_t> read_size(const node& value, std::string_view key, std::uint64_t least,
                                       std::uint64_t most, report& out);
std::optional<base::seconds> read_duration(const node& value, std::string_view key,
                                           base::seconds least, base::seconds most, report& out);
std::optional<std::size_t> read_choice(const node& value, std::string_view key,
                                       const std::vector<std::string_view>& choices, report& out);
/// A number of 12 digits, quoted or not, that did not lose leading zeros on the way.
std::optional<std::string> read_account(std::string_view text, bool plain, const position& at,
                                        report& out);

/// A scalar or a list of scalars, as nodes.
std::vector<const node*> one_or_more(const node& value, std::string_view key, report& out);
std::vector<std::string> read_texts(const node& value, std::string_view key, report& out);

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// Length limits of a mapping from text to text, in bytes.
struct pair_limits {
    std::size_t pairs;
    std::size_t key_bytes;
    std::size_t value_bytes;
};
text_pairs read_pairs(const node& value, std::string_view key, pair_limits bounds, report& out);

/// Calls `each` for the entries of a mapping with free keys, as long as they are fit for names.
void each_named(const node& value, std::string_view key, report& out,
                const std::function<void(const node::entry&)>& each);
/// 1 to 64 letters, digits, '_', '.', '-', starting with a letter or digit.
bool is_plain_name(std::string_view text);
/// What the kernel takes for a network device: 1 to 15 printable characters without '/' and ':'.
bool is_interface_name(std::string_view text);

class mapping;

/// A path is relative to the directory of the configuration file. It has a '/', so that a mistyped
/// word does not become a file. `form`: what the value must be, for the message.
std::optional<std::string> read_path(const mapping& fields, std::string_view key,
                                     const std::string& form, context with);

/// One mapping with a fixed set of keys. Unknown keys are reported at once.
class mapping {
public:
    mapping(const node& value, const section& schema, report& out);

    /// Null when the key is absent (or has no value, which is reported).
    const node* find(std::string_view key) const;
    /// As `find`, and an absent key is reported.
    const node* require(std::string_view key) const;
    const position& at() const { return value_.at; }
    /// Where the key is written, else where the mapping is.
    position at(std::string_view key) const;

    void text(std::string_view key, std::string& into) const;
    void text(std::string_view key, std::optional<std::string>& into) const;
    void boolean(std::string_view key, bool& into) const;
    void duration(std::string_view key, base::seconds least, base::seconds most,
                  base::seconds& into) const;
    template <class Number>
    void integer(std::string_view key, Number least, Number most, Number& into) const {
        if (const node* value = find(key))
            if (const auto number =
                    read_integer(*value, key, std::int64_t(least), std::int64_t(most), out_))
                into = Number(*number);
    }
    template <class Choice>
    void choice(std::string_view key,
                const std::vector<std::pair<std::string_view, Choice>>& choices,
                Choice& into) const {
        const node* value = find(key);
        if (!value) return;
        std::vector<std::string_view> words;
        for (const auto& [word, meaning] : choices)
            words.push_back(word);
        if (const auto index = read_choice(*value, key, words, out_)) into = choices[*index].second;
    }

private:
    const node::entry* entry_of(std::string_view key) const;

    const node& value_;
    const section& schema_;
    report& out_;
};

}  // namespace config
