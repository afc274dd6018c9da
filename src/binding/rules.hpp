#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "binding/caller.hpp"

namespace binding {

/// One entry of `bindings`. All criteria that are set must match (and one of each list's values).
struct rule {
    std::string profile;
    std::size_t profile_index = 0;  ///< into the configuration's profiles

    std::vector<std::uint32_t> uids;      ///< `user:` resolved at load
    std::vector<std::uint32_t> gids;      ///< `group:`
    std::vector<std::string> units;       ///< `unit:` glob, the host's system manager
    std::vector<std::string> user_units;  ///< `user_unit:` glob; the rule must name a user as well
    std::vector<std::string> cgroups;     ///< `cgroup:` glob
    std::vector<base::ip_network> networks;  ///< `source_network:`: matches network callers only
    std::vector<std::string> interfaces;     ///< `interface:`
    std::vector<std::string> listeners;      ///< `listener:`
    std::string where;                       ///< "file:line" for explanations
    std::vector<std::string> shown;  ///< criteria as written, for explanations: "user=postgres"
};

/// What the binding says, as one unambiguous text: equal as long as its criteria and profile are
/// written the same, wherever it stands.
std::string identity_of(const rule& one);

/// Anchored glob: '*' and '?' do not cross '/', everything else is literal.
bool glob_matches(std::string_view pattern, std::string_view text);

struct decision {
    std::optional<std::size_t> rule;           ///< index of the rule that matched
    std::optional<std::size_t> profile_index;  ///< no value: refused
};

/// The ordered rules of one configuration. Immutable; `decide` does not allocate.
class rule_set {
public:
    rule_set() = default;
    explicit rule_set(std::vector<rule> rules);

    /// First match wins; no match is a refusal; an unknown caller matches nothing. A local caller
    /// is never matched by network rules, nor a network caller by local ones; a rule with neither
    /// (listener only) matches local callers.
    decision decide(const caller& who) const;

    /// Index of the first rule that names the listener which was called and matches; for a network
    /// caller it must name both a network and an interface, since an address alone can be taken
    /// over. For protocols where something else (an id, a token) says which profile is meant: the
    /// caller must be known as well, whatever profile the rule is for.
    std::optional<std::size_t> admits(const caller& who) const;

    bool needs_groups() const { return needs_groups_; }
    bool needs_cgroups() const { return needs_cgroups_; }
    const std::vector<rule>& rules() const { return rules_; }

    /// Why: a line for each rule, in order, with the first criterion that failed and the fact it
    /// was held against; then the outcome. For people.
    std::vector<std::string> explain(const caller& who) const;

private:
    std::vector<rule> rules_;
    bool needs_groups_ = false;
    bool needs_cgroups_ = false;
};

}  // namespace binding
