#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.hpp"

namespace audit {

/// A line of a log.
struct line_place {
    std::string file;
    std::uint64_t line = 0;  ///< from 1; 0: of the file as a whole

    std::string text() const;  ///< "audit.jsonl:17"
};

struct finding {
    line_place at;
    std::string message;
};

/// What was found of a log. Notes are what happens to a sound log: a fragment that a process left
/// when it died, a group written twice after a failed flush, records older than the chain.
struct verdict {
    std::optional<finding> broken;  ///< the first break; none: the log is whole
    std::vector<finding> notes;
    std::uint64_t records = 0;  ///< of the chain, until the break
    std::uint64_t first = 0;    ///< the number of the first; 0: there is none
    link last;
    bool head_checked = false;
};

/// Checks that the lines of a log follow each other. Told the files in the order in which they were
/// written, and their lines. Decides; reads nothing by itself.
class verifier {
public:
    /// `head`: of the whole log, which then must reach it.
    explicit verifier(std::optional<link> head = {}) : head_(head) {}

    void begin_file(std::string name);
    /// `text` without newline; `whole`: it had one. False: there is a break, and no more is needed.
    bool take(std::string_view text, bool whole);
    verdict finish();

private:
    void take_linked(const chained_line& line);
    void take_unreadable(const std::string& flaw, bool whole);
    void break_at(line_place at, std::string message);
    void note(std::string message);
    const link* remembered(std::uint64_t sequence) const;
    void check_head();

    const std::optional<link> head_;
    verdict found_;
    line_place at_;
    line_place last_at_;                 ///< of the last record of the chain
    std::optional<line_place> suspect_;  ///< an unreadable line after it
    std::uint64_t unchained_ = 0;        ///< records before the chain
    std::deque<link> recent_;            ///< what a repetition may repeat
    bool head_seen_ = false;
};

}  // namespace audit
