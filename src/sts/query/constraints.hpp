#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace sts {

/// A character class of the service model, with the pattern that its error text shows.
struct character_class {
    bool (*contains)(char32_t);
    std::string_view pattern;
};
extern const character_class arn_characters;          ///< arnType
extern const character_class name_characters;         ///< [\w+=,.@-]*
extern const character_class external_id_characters;  ///< [\w+=,.@:\/-]*
extern const character_class serial_characters;       ///< [\w+=/:,.@-]*
extern const character_class digit_characters;        ///< [\d]*
extern const character_class policy_characters;       ///< tab, LF, CR, U+0020 to U+00FF
extern const character_class tag_key_characters;
extern const character_class tag_value_characters;

bool all_in(const character_class& allowed, std::string_view text);

/// Collects every violation of the model's constraints and words them as one ValidationError.
class constraints {
public:
    struct length {
        std::size_t least = 0;
        std::size_t most = std::size_t(-1);
    };
    /// `member` in the error's spelling: roleSessionName, tags.1.member.key
    void required(const std::optional<std::string>& value, std::string_view member);
    /// Nothing to check when absent.
    void text(const std::optional<std::string>& value, std::string_view member, length limits,
              const character_class* allowed);
    /// As `text`, for what no answer and no log may repeat.
    void secret(const std::optional<std::string>& value, std::string_view member, length limits,
                const character_class* allowed);
    void range(const std::optional<std::int64_t>& value, std::string_view member,
               std::int64_t least, std::int64_t most);
    /// Of an enumeration.
    void choice(const std::optional<std::string>& value, std::string_view member,
                std::span<const std::string_view> allowed);
    /// A list that must be there, with at least one member.
    void required_list(bool given, std::size_t members, std::string_view member);
    /// Returns how many members are worth a look: those beyond `most` are refused as a whole.
    std::size_t count(std::size_t members, std::string_view member, std::size_t most);

    base::result<void> check() const;

    /// Longer values are cut in the error text.
    static constexpr std::size_t longest_echo = 2048;
    /// More violations than this are counted but not spelled out.
    static constexpr std::size_t most_clauses = 32;

private:
    void add(std::string clause);
    void check_text(std::string_view value, std::string_view shown, std::string_view member,
                    length limits, const character_class* allowed);

    std::size_t violations_ = 0;
    std::string clauses_;
};

}  // namespace sts
