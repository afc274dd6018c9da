#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "iam/entities.hpp"
#include "store/database.hpp"

namespace store {

/// A row with long-term secrets in it, and the keys of the ring that sealed them.
struct sealed_row {
    iam::entity_kind kind;
    std::string key;
    std::set<std::uint16_t> keys;

    bool only_under(std::uint16_t active) const {
        return keys.size() == 1 && *keys.begin() == active;
    }
};
/// Of rows that can be read; the others have been refused when they were loaded.
std::vector<sealed_row> sealed_rows(const loaded& all);

}  // namespace store
