#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/chain.hpp"
#include "base/error.hpp"

namespace audit {

/// A file that once was the log: "audit.jsonl.3".
struct earlier_file {
    std::uint64_t number = 0;
    std::string path;
};
/// Those there are beside the log, by number. Nothing of other names.
std::vector<earlier_file> earlier_files(const std::string& log);

/// How the log ends.
struct log_end {
    enum class kind { empty, linked, foreign };
    kind what = kind::empty;
    link last;  ///< linked: of the last whole record
};
/// Looks past fragments that a process left when it died. A log that is absent or empty ends as the
/// newest of the files before it.
base::result<log_end> find_log_end(const std::string& log);

/// Where the chain of a log goes on.
struct chain_start {
    link last;
    std::string begins;   ///< when `last` has number 0
    std::string warning;  ///< the log is not as it was left; empty: it is
};
/// `kept` is the head. When the log ends before it or otherwise, the chain goes on after the head,
/// so that what is missing stays visible.
base::result<chain_start> find_chain_start(const std::string& log, const std::optional<link>& kept);

}  // namespace audit
