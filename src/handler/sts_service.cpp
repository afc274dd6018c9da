#include "handler/sts_service.hpp"

#include <functional>
#include <utility>

#include "base/secret.hpp"
#include "handler/bound_caller.hpp"
#include "handler/durable_answer.hpp"
#include "handler/notice.hpp"
#include "sts/call_limiter.hpp"

namespace handler {

namespace {

/// Swaps what was made for an answer; short texts move with their string.
void exchange(http::response& a, http::response& b) {
    const auto own = [](const http::response& r) { return r.body.data() == r.storage.data(); };
    const bool own_a = own(a);
    const bool own_b = own(b);
    std::swap(a, b);
    if (own_b) a.body = a.storage;
    if (own_a) b.body = b.storage;
}

class talk final : public net::conversation {
public:
    talk(const sts_service::parts& with, const binding::caller& who, bool over_tls)
        : with_(with), peer_key_(key_of(who)) {
        origin_.source = who.address;
        origin_.secure_transport = over_tls;
    }

    ~talk() override {
        // The pool's thread reads the request and writes to members.
        if (running_) running_->join();
        forget();
    }

    bool wants_prepare() const override { return false; }
    boost::asio::awaitable<void> prepare() override { co_return; }

    boost::asio::awaitable<void> wait() override {
        if (running_) {
            co_await notice::wait(running_, std::nullopt);
            running_.reset();
        }
        if (promised_.last != 0 && with_.journal != nullptr)
            kept_ = co_await wait_until_durable(*with_.journal, promised_.last);
    }

    void secured(const net::tls_details& agreed) override {
        origin_.tls_version = agreed.version;
        origin_.tls_cipher = agreed.cipher;
    }

    net::action respond(const http::request& request, http::response& answer) override {
        if (std::exchange(holds_, false)) {
            if (kept_ || !promised_.binding) {
                exchange(answer, held_);
            } else {
                with_.issuer.answer_unrecorded(request, answer);
            }
            forget();
            return {};
        }
        if (with_.pool != nullptr && sts::issuer::may_block(request))
            return respond_elsewhere(request, answer);
        promised_ = with_.issuer.respond(request, origin_, answer);
        kept_ = true;
        if (is_durable()) return {};
        exchange(answer, held_);
        holds_ = true;
        return {net::action::kind::wait};
    }

    void refuse(const http::request& read, http::response& answer) override {
        with_.issuer.refuse(read, answer);
    }

    std::uint64_t peer_key() const override { return peer_key_; }

private:
    /// By user where that is known; else by address, as calls are limited: one machine has all
    /// addresses of an IPv6 network.
    static std::uint64_t key_of(const binding::caller& who) {
        const subject_bytes subject(who);
        if (who.from == binding::caller::origin::local && who.uid)
            return std::hash<std::string_view>{}(subject.text());
        sts::request_origin origin;
        origin.source = who.address;
        return std::hash<std::string>{}(sts::limiter_key(origin));
    }

    bool is_durable() const {
        return promised_.last == 0 || with_.journal == nullptr ||
               with_.journal->fate_of(promised_.last) == audit::journal::fate::kept;
    }

    /// The request's views stay valid: the session reads nothing before the answer is made, and
    /// ends this conversation before it gives up its buffers.
    net::action respond_elsewhere(const http::request& request, http::response& answer) {
        promised_ = {};
        kept_ = true;
        running_ = std::make_shared<notice>();
        using kind = blocking_pool::task_kind;
        const bool taken = with_.pool->run(
            [this, &request, done = running_] {
                promised_ = with_.issuer.respond(request, origin_, held_);
                done->give();
            },
            sts::issuer::only_reads(request) ? kind::computes : kind::waits);
        if (!taken) {
            running_.reset();
            with_.issuer.answer_overloaded(request, answer);
            return {};
        }
        holds_ = true;
        return {net::action::kind::wait};
    }

    /// Answers hold keys and tokens.
    void forget() {
        base::wipe(held_.storage.data(), held_.storage.capacity());
        held_ = {};
    }

    const sts_service::parts with_;
    sts::request_origin origin_;
    const std::uint64_t peer_key_;
    std::shared_ptr<notice> running_;  ///< while a thread of the pool makes the answer
    http::response held_;              ///< made, and not to go out yet
    bool holds_ = false;
    sts::audit_promise promised_;
    bool kept_ = true;  ///< what was promised, as far as is known
};

}  // namespace

std::unique_ptr<net::conversation> sts_service::open(const net::connection_info& info) {
    return std::make_unique<talk>(parts_, inspector_->inspect(info.fd), info.over_tls);
}

}  // namespace handler
