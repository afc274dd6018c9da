#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "iam/directory.hpp"
#include "sts/session/key_ring.hpp"

namespace daemon_ {

/// The session behind credentials that the daemon got from its own issuer and hands out.
class held_session {
public:
    /// Nothing for what this issuer does not know as its own, or any more.
    static std::optional<held_session> of(const aws::credentials& held, std::string_view partition,
                                          const sts::key_ring& keys, base::wall_time now);

    const std::string& access_key_id() const { return access_key_id_; }

    struct verdict {
        bool dead = false;
        /// Dead by a mark in the future (of a replica whose clock is ahead): so are sessions that
        /// begin before then.
        std::optional<base::wall_time> until;
    };
    /// Revoked, or its role is gone: whoever presents it is refused.
    verdict judge(const iam::directory& known, base::wall_time now) const;

private:
    std::string access_key_id_, account_, principal_id_, session_id_;
    std::string role_path_, role_name_;  ///< empty: of the instance itself, whose role nobody keeps
    base::wall_time issued_{};
};

}  // namespace daemon_
