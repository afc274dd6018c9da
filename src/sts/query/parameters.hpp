#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "encoding/form.hpp"

namespace sts {

/// Parameters of a Query-protocol call, from the query string and the form body together. Reads
/// them by the lexical rules of AWS's front end; failures are MalformedInput.
class parameters {
public:
    /// Conflicting repetitions are errors: picking one silently would let two readers of the same
    /// request authorise different things. An identical repetition is harmless.
    static base::result<parameters> parse(std::string_view query, std::string_view body,
                                          bool authenticated);

    const std::string* find(std::string_view name) const;
    std::optional<std::string> text(std::string_view name) const;
    /// Optional sign and leading zeros, 32 bits, nothing else.
    base::result<std::optional<std::int64_t>> integer(std::string_view name) const;

    /// As sent, those of a presigned request included.
    std::vector<std::string_view> names() const;

    /// `Name.member.N` and `Name.member.N.Member`, in order of N. Holes are elements without
    /// members.
    struct element {
        std::vector<std::pair<std::string, std::string>> members;
        const std::string* find(std::string_view member) const;
        std::optional<std::string> text(std::string_view member) const;
    };
    /// A list of scalars: each element has at most the member "".
    base::result<std::vector<element>> scalars(std::string_view name) const;
    base::result<std::vector<element>> structures(std::string_view name) const;

    /// How far an index may run ahead of the elements seen so far.
    static constexpr std::size_t growth_guard = 10;

private:
    base::result<std::vector<element>> list(std::string_view name, bool structured) const;

    std::vector<encoding::form_field> fields_;
};

}  // namespace sts
