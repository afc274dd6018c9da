#pragma once

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "iam/directory.hpp"
#include "iam/entities.hpp"

namespace iam {

/// What the IAM API needs of whoever keeps the estate. Thread-safe; `change` may block for as long
/// as a database takes.
class change_port {
public:
    virtual ~change_port() = default;

    /// What is in force.
    virtual std::shared_ptr<const directory> current() const = 0;

    /// Given the newest directory, what is to be changed in it, or why not. May be called several
    /// times: when another replica was faster.
    using decision = std::function<base::result<changes>(const directory& now)>;

    /// All of it is stored durably and in force here, or none of it is. Errors: the decision's own,
    /// or `unavailable` when it is not known to have been stored.
    virtual base::result<void> change(const decision& decide) = 0;
};

}  // namespace iam
