#include "config/report.hpp"

#include <algorithm>
#include <tuple>

namespace config {

namespace {

// More would help nobody, and a hostile file could ask for millions.
constexpr std::size_t most_entries = 200;
constexpr std::size_t longest_quote = 80;

/// Edits (insert, remove, replace, swap of neighbours) that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = a[i - 1] == b[j - 1];
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

/// Case and the choice between '-', '_' and none are what people get wrong first.
std::string plain_form(std::string_view word) {
    std::string plain;
    for (const char c : word) {
        if (c == '-' || c == '_') continue;
        plain += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    }
    return plain;
}

}  // namespace

std::size_t report::add_file(std::string path) {
    files_.push_back(std::move(path));
    return files_.size() - 1;
}

std::string report::path_from(const position& at, const std::string& path) const {
    if (!path.empty() && path.front() == '/') return path;
    const auto slash = files_[at.file].rfind('/');
    if (slash == std::string::npos) return path;
    return files_[at.file].substr(0, slash + 1) + path;
}

void report::add(const position& at, std::string message, bool warning) {
    if (entries_.size() < most_entries) entries_.push_back({at, std::move(message), warning});
}

void report::error(const position& at, std::string message) {
    if (!failed_ && entries_.size() == most_entries) entries_.pop_back();
    failed_ = true;
    add(at, std::move(message), false);
}

void report::warning(const position& at, std::string message) {
    add(at, std::move(message), true);
}

std::vector<diagnostic> report::take() {
    std::stable_sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
        return std::tie(a.at.file, a.at.line, a.at.column) <
               std::tie(b.at.file, b.at.line, b.at.column);
    });
    // A value that several checks look at is still wrong only once.
    entries_.erase(std::unique(entries_.begin(), entries_.end(),
                               [](const entry& a, const entry& b) {
                                   return std::tie(a.at.file, a.at.line, a.at.column, a.message) ==
                                          std::tie(b.at.file, b.at.line, b.at.column, b.message);
                               }),
                   entries_.end());
    std::vector<diagnostic> all;
    all.reserve(entries_.size());
    for (entry& e : entries_) {
        all.push_back({files_[e.at.file], e.at.line, e.at.column, std::move(e.message), e.warning});
    }
    entries_.clear();
    return all;
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, longest_quote)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out += "\\x";
            out += "0123456789abcdef"[byte >> 4];
            out += "0123456789abcdef"[byte & 15];
        } else {
            out += c;
        }
    }
    if (text.size() > longest_quote) out += "...";
    return out + "'";
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
    const std::string plain = plain_form(word.substr(0, longest_quote));
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, plain.size() / 3) + 1;
    for (const auto candidate : known) {
        const auto distance = edit_distance(plain, plain_form(candidate));
        if (distance < least) {
            least = distance;
            best = candidate;
        }
    }
    return best.empty() ? std::string() : "; did you mean '" + std::string(best) + "'?";
}

std::string one_of(const std::vector<std::string_view>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string diagnostic::text() const {
    std::string where = file;
    if (line > 0) where += ":" + std::to_string(line) + ":" + std::to_string(column);
    return where + ": " + (warning ? "warning: " : "") + message;
}

}  // namespace config
