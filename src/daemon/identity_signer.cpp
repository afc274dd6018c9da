#include "daemon/identity_signer.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <sys/resource.h>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/identity_key_files.hpp"
#include "daemon/log.hpp"

namespace daemon_ {

namespace asio = boost::asio;

namespace {

/// Behind the threads that answer requests and fetch credentials.
constexpr int background_nice = 10;

void step_back() {
    // On Linux the value is the calling thread's own. Without it the work is done all the same.
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, background_nice));
}

}  // namespace

struct identity_signer::implementation : std::enable_shared_from_this<implementation> {
    implementation(options o, asio::io_context& c, const base::clock& k, base::random& r,
                   on_signed p)
        : chosen(std::move(o)),
          control(c),
          clock(k),
          random(r),
          publish(std::move(p)),
          retry(c),
          pool(1) {
        asio::post(pool, step_back);
    }

    // On the control thread.
    void begin(std::vector<std::string> documents);
    void finished(std::shared_ptr<const imds::identity_keys> made);
    void failed(std::vector<std::string> documents, const base::error& why);
    void stop();

    // On the pool's.
    base::result<std::shared_ptr<const imds::identity_keys>> complete_keys();
    void work(std::vector<std::string> documents);
    template <class Function>
    void tell(Function what) {
        asio::post(control, [me = weak_from_this(), what = std::move(what)]() mutable {
            const auto self = me.lock();
            if (self && !self->stopping.load()) what(*self);
        });
    }

    const options chosen;
    asio::io_context& control;
    const base::clock& clock;
    base::random& random;
    on_signed publish;
    asio::steady_timer retry;
    std::vector<std::string> waiting;                  ///< for the next try
    std::shared_ptr<const imds::identity_keys> known;  ///< what the control thread sees
    /// By signature_kind; filled by `open`, then the pool's alone.
    std::array<std::optional<imds::signing_identity>, imds::signature_kinds.size()> parts;
    std::shared_ptr<const imds::identity_keys> complete;  ///< the pool's
    std::atomic<bool> stopping{false};
    asio::thread_pool pool;
};

base::result<std::shared_ptr<const imds::identity_keys>>
identity_signer::implementation::complete_keys() {
    if (complete) return complete;
    for (const imds::signature_kind kind : imds::signature_kinds) {
        auto& part = parts[std::size_t(kind)];
        if (part) continue;
        auto made =
            make_identity_key(chosen.directory, kind, chosen.owner, clock.now(), random, stopping);
        if (!made) return made.error();
        part.emplace(std::move(*made));
    }
    complete = std::make_shared<const imds::identity_keys>(
        imds::identity_keys{*parts[0], *parts[1], *parts[2]});
    return complete;
}

void identity_signer::implementation::work(std::vector<std::string> documents) {
    if (stopping.load()) return;
    const auto keys = complete_keys();
    if (!keys) {
        tell([documents = std::move(documents), why = keys.error()](implementation& self) mutable {
            self.failed(std::move(documents), why);
        });
        return;
    }
    tell([made = *keys](implementation& self) { self.finished(made); });
    for (std::string& document : documents) {
        if (stopping.load()) return;
        auto done = std::make_shared<const imds::signed_identity>(
            imds::sign_identity(std::move(document), **keys, clock.now()));
        tell([done](implementation& self) { self.publish(done); });
    }
}

void identity_signer::implementation::begin(std::vector<std::string> documents) {
    for (std::string& earlier : std::exchange(waiting, {}))
        documents.push_back(std::move(earlier));
    retry.cancel();
    // The pool ends before this does: `stop` joins it.
    asio::post(pool,
               [this, documents = std::move(documents)]() mutable { work(std::move(documents)); });
}

void identity_signer::implementation::finished(std::shared_ptr<const imds::identity_keys> made) {
    if (!known) log::info("the keys of the instance identity are ready");
    known = std::move(made);
}

void identity_signer::implementation::failed(std::vector<std::string> documents,
                                             const base::error& why) {
    log::error("the instance identity cannot be signed", {{"error", why.message}});
    for (std::string& document : documents)
        waiting.push_back(std::move(document));
    retry.expires_after(chosen.retry_after);
    retry.async_wait([me = weak_from_this()](boost::system::error_code error) {
        const auto self = me.lock();
        if (!error && self && !self->stopping.load()) self->begin({});
    });
}

void identity_signer::implementation::stop() {
    stopping.store(true);
    retry.cancel();
    pool.join();
}

identity_signer::identity_signer(std::shared_ptr<implementation> self) : self_(std::move(self)) {}

base::result<std::unique_ptr<identity_signer>> identity_signer::open(options chosen,
                                                                     asio::io_context& control,
                                                                     const base::clock& clock,
                                                                     base::random& random,
                                                                     on_signed publish) {
    auto self = std::make_shared<implementation>(std::move(chosen), control, clock, random,
                                                 std::move(publish));
    bool all = true;
    for (const imds::signature_kind kind : imds::signature_kinds) {
        auto read = read_identity_key(self->chosen.directory, kind);
        if (!read) return read.error();
        all = all && read->has_value();
        self->parts[std::size_t(kind)] = std::move(*read);
    }
    if (all) {
        const auto keys = self->complete_keys();
        if (!keys) return keys.error();
        self->known = *keys;
    }
    return std::unique_ptr<identity_signer>(new identity_signer(std::move(self)));
}

identity_signer::~identity_signer() {
    self_->stop();
}

void identity_signer::sign(std::vector<std::string> documents) {
    if (!documents.empty()) self_->begin(std::move(documents));
}

std::shared_ptr<const imds::identity_keys> identity_signer::keys() const {
    return self_->known;
}

void identity_signer::stop() {
    self_->stop();
}

}  // namespace daemon_
