#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace audit {

/// Where lines go. Used by one thread.
class output {
public:
    virtual ~output() = default;
    /// Writes all of `lines`, which holds whole lines. Success: they are as durable as this output
    /// makes anything. An earlier failed call is repeated with the same text, which may have grown
    /// at its end.
    virtual base::result<void> write(std::string_view lines) = 0;
    /// After somebody has renamed or removed what is written to.
    virtual base::result<void> reopen() = 0;
    /// What has gone wrong beside the writing since the last call; empty: nothing.
    virtual std::string take_trouble() { return {}; }
};

}  // namespace audit
