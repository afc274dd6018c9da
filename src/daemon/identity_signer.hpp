#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "imds/identity_signatures.hpp"

namespace daemon_ {

/// Signs instance identity documents on a thread of its own, which also makes the keys at the first
/// start: that takes from a tenth of a second to some seconds, and nothing but the signatures waits
/// for it. Used on the control thread.
class identity_signer {
public:
    using on_signed = std::function<void(std::shared_ptr<const imds::signed_identity>)>;

    struct options {
        std::string directory;                   ///< where the key files are
        std::string owner;                       ///< common name of new certificates
        base::milliseconds retry_after{30'000};  ///< when keys cannot be made or written
    };

    /// Reads the keys that are there; one that cannot be used is an error that names its file.
    /// `publish` is called on the control thread, once for each document given to `sign`.
    static base::result<std::unique_ptr<identity_signer>> open(options chosen,
                                                               boost::asio::io_context& control,
                                                               const base::clock& clock,
                                                               base::random& random,
                                                               on_signed publish);
    ~identity_signer();

    void sign(std::vector<std::string> documents);
    /// Null while they are being made.
    std::shared_ptr<const imds::identity_keys> keys() const;
    /// Ends what is under way. Nothing is published afterwards.
    void stop();

private:
    struct implementation;
    explicit identity_signer(std::shared_ptr<implementation> self);

    std::shared_ptr<implementation> self_;  ///< handlers that outlive it hold it weakly
};

}  // namespace daemon_
