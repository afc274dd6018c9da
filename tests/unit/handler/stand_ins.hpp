#pragma once

#include <functional>
#include <utility>

#include "workload/directory.hpp"
#include "workload/peer_inspector.hpp"

namespace handler_test {

/// Whoever connects is `who`.
struct fixed_inspector final : workload::peer_inspector {
    binding::caller who;
    binding::caller inspect(int) override { return who; }
};

/// Knows nothing beyond what the inspector said.
struct no_directory final : workload::directory {
    bool fill_cached(binding::caller&, bool, bool) override { return true; }
    void look_up(binding::caller who, bool, bool,
                 std::function<void(binding::caller)> done) override {
        done(std::move(who));
    }
};

}  // namespace handler_test
