#include "store/check.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "encoding/base64.hpp"
#include "encoding/utf8.hpp"
#include "store/limits.hpp"

namespace store {
namespace {

/// For messages: an id that is no good may be long or no text at all.
std::string shown(std::string_view kind, std::string_view id) {
    constexpr std::size_t most = 80;
    std::string text = encoding::scrub_utf8(std::string(kind.substr(0, most)) + " '" +
                                            std::string(id.substr(0, most)) + "'");
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
    return text;
}

bool is_kind(std::string_view kind) {
    return !kind.empty() && kind.size() <= longest_kind &&
           std::all_of(kind.begin(), kind.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

bool is_storable(std::string_view text) {
    return text.find('\0') == std::string_view::npos && encoding::is_utf8(text);
}

const char* fault_of(const row_change& change) {
    if (!is_kind(change.kind)) return "a kind is 1 to 64 of a-z 0-9 - _";
    if (change.id.empty() || change.id.size() > longest_id) return "an id has 1 to 2048 bytes";
    if (!is_storable(change.id)) return "an id is UTF-8 without NUL";
    if (!change.body) return nullptr;
    if (change.body->size() > largest_body) return "a body has at most 4 MiB";
    if (!is_storable(*change.body)) return "a body is UTF-8 without NUL";
    return nullptr;
}

}  // namespace

base::result<> check_changes(std::span<const row_change> changes) {
    if (changes.empty()) return base::invalid("a commit needs at least one change");
    if (changes.size() > most_changes_per_commit) {
        return base::invalid(std::to_string(changes.size()) + " changes in one commit; at most " +
                             std::to_string(most_changes_per_commit));
    }
    std::size_t bytes = 0;
    std::unordered_set<std::string> seen;
    seen.reserve(changes.size());
    for (const row_change& change : changes) {
        if (const char* fault = fault_of(change)) {
            return base::invalid("row " + shown(change.kind, change.id) + ": " + fault);
        }
        bytes += change.kind.size() + change.id.size() + (change.body ? change.body->size() : 0);
        if (!seen.insert(change.kind + '\0' + change.id).second) {
            return base::invalid("row " + shown(change.kind, change.id) +
                                 ": changed twice in one commit");
        }
    }
    if (bytes > largest_commit) {
        return base::invalid("a commit of " + std::to_string(bytes) + " bytes; at most " +
                             std::to_string(largest_commit));
    }
    return {};
}

std::string new_commit_id(base::random& random) {
    std::array<std::byte, 16> bytes{};
    random.fill(bytes);
    return encoding::hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace store
