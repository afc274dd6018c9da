#include "iam/key_usage.hpp"

namespace iam {

void key_usage::note(const sts::credential_use& use) {
    const std::lock_guard lock(mutex_);
    for (const std::string_view id : {use.access_key_id, use.role_id}) {
        if (id.empty()) continue;
        auto found = entries_.find(id);
        if (found == entries_.end()) found = entries_.emplace(std::string(id), entry()).first;
        entry& known = found->second;
        if (use.at < known.use.at) continue;
        known.use.at = use.at;
        known.use.service = use.service;
        known.use.region = use.region;
        known.is_new = true;
    }
}

std::optional<last_use> key_usage::of(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    return found->second.use;
}

key_usage::uses key_usage::take() {
    const std::lock_guard lock(mutex_);
    uses out;
    for (auto& [id, known] : entries_) {
        if (!known.is_new) continue;
        out.emplace_back(id, known.use);
        known.is_new = false;
    }
    return out;
}

void key_usage::restore(const uses& earlier) {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, use] : earlier) {
        entry& known = entries_[id];
        if (known.use.at < use.at) known.use = use;
    }
}

void key_usage::forget(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end()) entries_.erase(found);
}

}  // namespace iam
