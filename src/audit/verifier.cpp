#include "audit/verifier.hpp"

#include <utility>

namespace audit {
namespace {

/// More than a group holds: what a failed flush wrote may come again.
constexpr std::size_t most_recent = 8192;
/// Of a log that is a wreck one screen is enough.
constexpr std::size_t most_notes = 100;

std::string number(std::uint64_t n) {
    return std::to_string(n);
}

}  // namespace

std::string line_place::text() const {
    return line == 0 ? file : file + ":" + number(line);
}

void verifier::begin_file(std::string name) {
    at_ = {std::move(name), 0};
}

void verifier::break_at(line_place at, std::string message) {
    if (!found_.broken) found_.broken = finding{std::move(at), std::move(message)};
}

void verifier::note(std::string message) {
    if (found_.notes.size() < most_notes) found_.notes.push_back({at_, std::move(message)});
}

const link* verifier::remembered(std::uint64_t sequence) const {
    // They are consecutive.
    if (recent_.empty() || sequence < recent_.front().sequence) return nullptr;
    const std::uint64_t index = sequence - recent_.front().sequence;
    return index < recent_.size() ? &recent_[std::size_t(index)] : nullptr;
}

bool verifier::take(std::string_view text, bool whole) {
    if (found_.broken) return false;
    ++at_.line;
    if (text.empty()) return true;  // nobody's
    const chained_line line = read_chained_line(text);
    switch (line.what) {
        case chained_line::kind::unreadable:
            take_unreadable(line.flaw, whole);
            break;
        case chained_line::kind::unchained:
            if (found_.first == 0) {
                ++unchained_;
                if (!suspect_) suspect_ = at_;
            } else {
                break_at(at_, "a record that is not part of the chain");
            }
            break;
        case chained_line::kind::linked:
            take_linked(line);
            break;
    }
    return !found_.broken;
}

void verifier::take_unreadable(const std::string& flaw, bool whole) {
    if (!suspect_) suspect_ = at_;
    note(whole ? "not a whole record (" + flaw + "): cut short when a process ended, or damaged"
               : "the last line is not whole: it is being written, or was cut short");
}

void verifier::take_linked(const chained_line& line) {
    const link& last = found_.last;
    const std::uint64_t sequence = line.own.sequence;
    if (found_.first == 0) {
        // What is not its predecessor has no place before a record that has one.
        if (sequence != 1 && suspect_)
            return break_at(*suspect_, "this line is not a whole record of the chain, and record " +
                                           number(sequence) + " comes after it");
        if (unchained_ != 0)
            note("the chain begins here; " + number(unchained_) + " records before it bear none");
        if (sequence != 1)
            note("the first record is number " + number(sequence) +
                 "; those before it are not among the files");
        if ((sequence == 1) != !line.previous)
            return break_at(at_, "a chain that begins with number " + number(sequence) +
                                     (line.previous ? " has a record before it" : ""));
        found_.first = sequence;
    } else if (const link* before = remembered(sequence); before != nullptr) {
        if (before->hash == line.own.hash)
            return note("record " + number(sequence) + " once more, after a failed write");
        return break_at(at_, "record " + number(sequence) + " comes a second time, and otherwise");
    } else if (sequence <= last.sequence) {
        return break_at(
            at_, "record " + number(sequence) + " comes after record " + number(last.sequence));
    } else if (!line.previous) {
        return break_at(at_, "a new chain begins within the log");
    } else if (sequence != last.sequence + 1) {
        std::string missing = sequence == last.sequence + 2
                                  ? "record " + number(last.sequence + 1) + " is missing"
                                  : "records " + number(last.sequence + 1) + " to " +
                                        number(sequence - 1) + " are missing";
        if (suspect_) missing = "this line is not a whole record, and " + missing;
        return break_at(suspect_.value_or(at_), missing + " before record " + number(sequence));
    } else if (*line.previous != last.hash) {
        return break_at(last_at_, "record " + number(last.sequence) +
                                      " was changed, or the hash of "
                                      "it that the record after it bears, at " +
                                      at_.text());
    }
    suspect_.reset();
    last_at_ = at_;
    found_.last = line.own;
    ++found_.records;
    recent_.push_back(line.own);
    if (recent_.size() > most_recent) recent_.pop_front();
    if (head_ && head_->sequence == sequence) {
        head_seen_ = true;
        if (head_->hash != line.own.hash)
            break_at(at_, "record " + number(sequence) +
                              " was changed: the head of the log bears another hash of it");
    }
}

void verifier::check_head() {
    if (!head_ || found_.broken) return;
    found_.head_checked = true;
    const line_place end = suspect_ ? *suspect_ : found_.first != 0 ? last_at_ : at_;
    if (found_.last.sequence < head_->sequence) {
        const std::string ends = found_.first == 0
                                     ? "there is no record of the chain"
                                     : "the log ends with record " + number(found_.last.sequence);
        break_at(end, ends + ", but record " + number(head_->sequence) + " was written");
    } else if (!head_seen_) {
        // Older than all that is here.
        found_.head_checked = false;
    }
}

verdict verifier::finish() {
    if (!found_.broken && found_.first == 0 && unchained_ != 0)
        note(number(unchained_) + " records bear no chain");
    check_head();
    return found_;
}

}  // namespace audit
