#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/url.hpp"
#include "jose/jwk.hpp"
#include "jose/refresh_plan.hpp"

namespace net {

/// Reads the text of a JWK Set. Blocks; `cancelled` ends the wait.
using key_fetch = std::function<base::result<std::string>(const std::function<bool()>& cancelled)>;

/// By HTTPS (or HTTP to a loopback address). `ca_file`: see client_options. `bearer_file`: its
/// content is sent as the bearer token, read anew each time; empty: none.
key_fetch keys_from_url(http::url from, std::string ca_file, std::string bearer_file,
                        const base::clock& clock);
key_fetch keys_from_file(std::string path);

/// Keeps one issuer's keys: reads them on a thread of its own, again when it is time or when
/// somebody asks (see jose::refresh_rules), and goes on with the last good set while reading fails,
/// up to a bound. All members may be called from any thread.
class key_keeper {
public:
    struct state {
        std::shared_ptr<const jose::jwk_set> keys;  ///< null: none that may be used
        std::uint64_t reads = 0;                    ///< reads that have ended
        std::string failure;                        ///< of the last read; empty: it went well
    };

    /// `changed` is called on the keeper's thread after each read and when keys are given up.
    key_keeper(key_fetch fetch, jose::refresh_rules rules, const base::clock& clock,
               std::function<void()> changed);
    /// Nothing is called afterwards.
    ~key_keeper();
    key_keeper(const key_keeper&) = delete;
    key_keeper& operator=(const key_keeper&) = delete;

    state current() const;
    std::shared_ptr<const jose::jwk_set> keys() const;
    /// A token names a key that is not known. True: a read is under way or begins; `changed` will
    /// tell. False: the last one was too recent.
    bool ask();
    /// Reads again at once.
    void reload();
    /// Ends reading and waits for that; what is there stays. Nothing is called afterwards.
    void stop();
    /// Looks at the clock again: for tests that move it.
    void wake();

private:
    void run();
    void read(std::unique_lock<std::mutex>& lock);
    base::result<jose::jwk_set> fetch_set();

    const key_fetch fetch_;
    const base::clock& clock_;
    const std::function<void()> changed_;
    std::atomic<bool> stopping_{false};

    mutable std::mutex guard_;  // of what follows
    std::condition_variable news_;
    jose::refresh_plan plan_;
    state state_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace net
