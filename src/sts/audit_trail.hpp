#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "audit_record/record.hpp"

namespace sts {

/// The place of a record in the audit log, growing; 0: the record was refused.
using audit_ticket = std::uint64_t;

/// Where records go. Shared by threads.
struct audit_port {
    /// Returns at once. 0: the record cannot be promised, and the call fails closed.
    std::function<audit_ticket(audit_record::record)> record{};
    /// Waits, for a bounded time, until the record and all before it are durable. False: they are
    /// not, and the call fails closed. Without it whatever is promised counts as durable.
    std::function<bool(audit_ticket)> wait{};
    /// False: records cannot be kept now, as far as is known, and what would outlive its call must
    /// not be done. Without it: true.
    std::function<bool()> accepts{};

    audit_port() = default;
    audit_port(std::function<audit_ticket(audit_record::record)> to,
               std::function<bool(audit_ticket)> until, std::function<bool()> now = {})
        : record(std::move(to)), wait(std::move(until)), accepts(std::move(now)) {}
    /// Of a log that makes durable at once what it accepts.
    template <class Accept>
    requires std::is_invocable_r_v<bool, Accept&, audit_record::record> audit_port(Accept accept)
        : record([accept = std::move(accept)](audit_record::record r) mutable -> audit_ticket {
              return accept(std::move(r)) ? 1 : 0;
          }) {}
};

/// What a call was promised: its answer must not go out before the record with the ticket is
/// durable.
struct audit_promise {
    audit_ticket last = 0;  ///< 0: nothing is to be waited for
    /// False: the answer hands out nothing and goes out even if the record is lost.
    bool binding = false;
};

/// The records of one call. For one thread.
class audit_trail {
public:
    explicit audit_trail(const audit_port& port) : port_(port) {}

    /// Of what must not happen unrecorded. False: it must not happen.
    bool promise(audit_record::record r) {
        if (!port_.record) return true;
        const audit_ticket given = port_.record(std::move(r));
        if (given == 0) return false;
        promised_ = {given, true};
        return true;
    }
    /// Of what happens anyhow.
    void note(audit_record::record r) {
        if (!port_.record) return;
        if (const audit_ticket given = port_.record(std::move(r)); given != 0)
            promised_.last = given;
    }
    /// To be asked before what stays done even when its answer is withheld.
    bool open() const { return !port_.accepts || port_.accepts(); }
    const audit_promise& promised() const { return promised_; }
    /// For callers in the process: waits until what was promised is durable.
    bool kept() const { return promised_.last == 0 || !port_.wait || port_.wait(promised_.last); }

private:
    const audit_port& port_;
    audit_promise promised_;
};

}  // namespace sts
