// Whatever a root asks of the IAM API: it gets an answer with a code that is known, a refusal
// changes nothing, and what is changed can be written down and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "iam/api.hpp"
#include "iam/codec.hpp"
#include "iam/operation.hpp"
#include "sts/call.hpp"
#include "sts/query/parameters.hpp"
#include "sts/wire_error.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

constexpr const char* account = "123456789012";
constexpr const char* root_key = "AKIAQQQQQQQQQQQQQQQQ";
/// Begins anew when the estate has grown to this.
constexpr std::size_t most_entities = 64;

void expect(bool holds) {
    if (!holds) std::abort();
}

/// Seals nothing: what is written is compared, and leaves no process.
class open_box final : public iam::secret_box {
public:
    std::string seal(std::string_view, std::string_view, const base::secret& secret) override {
        return std::string(secret.reveal());
    }
    base::result<base::secret> open(std::string_view, std::string_view,
                                    std::string_view sealed) override {
        return base::secret(sealed);
    }
};

class memory final : public iam::change_port {
public:
    memory() { reset(); }
    void reset() {
        iam::account home;
        home.id = account;
        iam::access_key key;
        key.id = root_key;
        key.secret = std::make_shared<const base::secret>(std::string(40, 's'));
        home.root_access_keys.push_back(std::move(key));
        iam::user alice;
        alice.account = account;
        alice.name = "alice";
        alice.unique_id = "AIDARZPUZDIKAAAAAAAAA";
        now_ = iam::directory::empty("aws")->with({iam::put(home), iam::put(alice)});
        entities_ = 0;
    }
    std::shared_ptr<const iam::directory> current() const override { return now_; }
    base::result<void> change(const decision& decide) override {
        auto made = decide(*now_);
        if (!made) return made.error();
        for (const iam::change& one : *made)
            check(one);
        now_ = now_->with(*made);
        entities_ += made->size();
        return {};
    }
    bool is_full() const { return entities_ > most_entities; }

private:
    static void check(const iam::change& one) {
        if (one.value == nullptr) return;
        expect(iam::key_of(*one.value) == one.key);
        expect(iam::kind_of(*one.value) == one.kind);
        open_box secrets;
        const std::string text = iam::encode(*one.value, secrets);
        const auto read = iam::decode(one.kind, text, secrets);
        expect(read.has_value() && iam::encode(**read, secrets) == text);
    }

    std::shared_ptr<const iam::directory> now_;
    std::size_t entities_ = 0;
};

struct scene {
    support::manual_clock clock;
    support::counting_random random;
    sts::issuer_options options;
    memory port;
    std::unique_ptr<sts::api> api = iam::make_api(port);
    std::shared_ptr<const sts::key_ring> ring =
        std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now()));
    sts::audit_port audit = [](audit_record::record) { return true; };
};

sts::caller root() {
    sts::caller out;
    out.principal.kind = policy::principal::type::account_root;
    out.principal.account = account;
    out.principal.arn = "arn:aws:iam::123456789012:root";
    out.user_id = account;
    out.access_key_id = root_key;
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static scene s;
    if (s.port.is_full()) s.port.reset();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // One call a line, so that an input can make what it then asks for.
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        const std::string_view body = text.substr(start, end - start);
        start = end + 1;
        const auto given = sts::parameters::parse({}, body, true);
        if (!given) continue;
        const std::string* name = given->find("Action");
        const sts::action_row* row =
            name == nullptr ? nullptr : s.api->find(*name, iam::iam_version);
        if (row == nullptr) continue;
        const auto before = s.port.current();
        sts::audit_trail trail(s.audit);
        const sts::call made{s.options, *before, *s.ring, s.random,    trail, s.clock.now(),
                             root(),    {},      "id",    "us-east-1", "",    ""};
        const auto result = s.api->perform(*row, made, *given);
        if (result) continue;
        expect(sts::status_of(result.error().code) < 500);
        expect(s.port.current() == before);
    }
    return 0;
}
