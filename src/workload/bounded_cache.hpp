#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace workload {

/// A map that holds at most `limit` entries and drops the one unused for longest.
template <class Key, class Value>
class bounded_cache {
public:
    explicit bounded_cache(std::size_t limit) : limit_(limit) {}

    /// nullptr when absent; valid until the next change.
    Value* find(const Key& key) {
        const auto at = index_.find(key);
        if (at == index_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, at->second);
        return &at->second->second;
    }

    void put(const Key& key, Value value) {
        if (Value* present = find(key)) {
            *present = std::move(value);
            return;
        }
        if (limit_ == 0) return;
        if (entries_.size() >= limit_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, std::move(value));
        index_.emplace(key, entries_.begin());
    }

    std::size_t size() const { return entries_.size(); }

private:
    std::size_t limit_;
    std::list<std::pair<Key, Value>> entries_;
    std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator> index_;
};

}  // namespace workload
