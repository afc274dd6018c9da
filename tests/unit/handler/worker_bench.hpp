#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "audit/journal.hpp"
#include "handler/worker_state.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/handler/stand_ins.hpp"

namespace handler_test {

/// A worker with all that it needs, on a clock of its own. Its records are kept at once, by nobody,
/// unless a journal is given. Whoever connects is the local user 5.
template <class Directory = no_directory>
class worker_bench {
public:
    explicit worker_bench(std::unique_ptr<audit::journal> journal = {})
        : journal_(std::move(journal)) {
        audit::options options;
        options.output = "none";
        if (!journal_) journal_ = std::move(*audit::journal::open(std::move(options), "host"));
        ledger_ = std::make_unique<handler::hand_out_ledger>(*journal_, clock, random);
        inspector.who.from = binding::caller::origin::local;
        inspector.who.uid = 5;
        worker = std::make_unique<handler::worker_state>(handler::worker_dependencies{
            context, clock, random, inspector, names, *ledger_, count});
    }
    ~worker_bench() {
        worker.reset();
        ledger_.reset();
        journal_.reset();
    }
    worker_bench(const worker_bench&) = delete;
    worker_bench& operator=(const worker_bench&) = delete;

    support::manual_clock clock;
    support::counting_random random;
    boost::asio::io_context context;
    handler::counters count;
    fixed_inspector inspector;
    Directory names;

private:
    std::unique_ptr<audit::journal> journal_;
    std::unique_ptr<handler::hand_out_ledger> ledger_;

public:
    std::unique_ptr<handler::worker_state> worker;
};

}  // namespace handler_test
