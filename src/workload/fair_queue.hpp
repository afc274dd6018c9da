#pragma once

#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace workload {

/// A bounded queue that many askers share: they are served in turn, one piece of work of each, and
/// none has more than its share of the places. Not thread-safe.
template <class Work>
class fair_queue {
public:
    fair_queue(std::size_t places, std::size_t places_of_one)
        : places_(places), places_of_one_(places_of_one) {}

    /// False: there is no place, or the asker has its share; `work` is as it was.
    bool push(const std::string& asker, Work& work) {
        if (size_ >= places_) return false;
        const auto known = by_asker_.find(asker);
        if (known != by_asker_.end()) {
            if (known->second->waiting.size() >= places_of_one_) return false;
            known->second->waiting.push_back(std::move(work));
        } else {
            if (places_of_one_ == 0) return false;
            lines_.push_back({asker, {}});
            lines_.back().waiting.push_back(std::move(work));
            by_asker_.emplace(asker, std::prev(lines_.end()));
        }
        ++size_;
        return true;
    }

    std::optional<Work> pop() {
        if (lines_.empty()) return std::nullopt;
        line& next = lines_.front();
        std::optional<Work> work(std::move(next.waiting.front()));
        next.waiting.pop_front();
        --size_;
        if (next.waiting.empty()) {
            by_asker_.erase(next.asker);
            lines_.pop_front();
        } else {
            lines_.splice(lines_.end(), lines_, lines_.begin());
        }
        return work;
    }

    bool empty() const { return size_ == 0; }

private:
    struct line {
        std::string asker;
        std::deque<Work> waiting;  ///< never empty
    };

    const std::size_t places_;
    const std::size_t places_of_one_;
    std::size_t size_ = 0;
    std::list<line> lines_;  ///< whose turn it is next, first
    std::unordered_map<std::string, typename std::list<line>::iterator> by_asker_;
};

}  // namespace workload
