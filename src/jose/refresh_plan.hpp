#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace jose {

/// When an issuer's keys are read.
struct refresh_rules {
    base::seconds refresh_every{600};  ///< after a read that went well
    base::seconds retry_first{5};      ///< after a failure; doubled with each further one, up to
    base::seconds retry_longest{300};
    base::seconds least_between{10};  ///< between the starts of two reads, whoever asks for them
    base::seconds keep_for{86'400};   ///< keys are used so long after they were last read
};

/// The pure part of keeping keys fresh: told what happens, it says what is due. One read at a time.
class refresh_plan {
public:
    explicit refresh_plan(refresh_rules rules) : rules_(rules) {}

    bool due(base::boot_time now) const { return !reading_ && next_ <= now; }
    void begin(base::boot_time now) {
        reading_ = true;
        began_ = now;
    }
    void end(bool good, base::boot_time now) {
        reading_ = false;
        if (good) {
            failures_ = 0;
            good_ = now;
            next_ = now + rules_.refresh_every;
        } else {
            const int doubled = std::min(failures_++, most_doublings);
            next_ = now + std::min(rules_.retry_first * (1 << doubled), rules_.retry_longest);
        }
        if (std::exchange(again_, false)) next_ = now;
    }

    /// A token names a key that is not among those known: they may have changed. True when a read
    /// is under way, or due now; anyone can make up names, so that is granted once per
    /// `least_between`.
    bool ask(base::boot_time now) {
        if (reading_) return true;
        if (began_ && now - *began_ < rules_.least_between) return false;
        next_ = std::min(next_, now);
        return true;
    }
    /// The source has changed: read at once, after a read that is under way.
    void restart() {
        next_ = base::boot_time{};
        again_ = reading_;
    }

    /// True, once, when what was read last may no longer be used.
    bool give_up(base::boot_time now) {
        if (!good_ || now - *good_ < rules_.keep_for) return false;
        good_.reset();
        return true;
    }
    /// When something is due by itself; nothing while reading.
    base::boot_time next() const {
        if (reading_) return base::boot_time::max();
        return good_ ? std::min(next_, *good_ + rules_.keep_for) : next_;
    }

private:
    static constexpr int most_doublings = 16;

    refresh_rules rules_;
    base::boot_time next_{};
    std::optional<base::boot_time> began_;
    std::optional<base::boot_time> good_;
    int failures_ = 0;
    bool reading_ = false;
    bool again_ = false;
};

}  // namespace jose
