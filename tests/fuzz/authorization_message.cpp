// No text opens as an authorization message but one that was sealed, for the account it was sealed
// for; every message, whatever names and values are in it, is JSON and short enough to be sent
// back.
#include "sts/authorization_message.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoding/json.hpp"
#include "support/counting_random.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

constexpr std::string_view account = "123456789012";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static support::counting_random random;
    static const sts::key_ring ring = sts::key_ring::generate(random, {});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const base::wall_time now{base::seconds(1'790'000'000)};

    const auto forged = sts::open_authorization_message(text, account, "aws", ring, now);
    expect(!forged && forged.error().code == "InvalidAuthorizationMessageException");

    policy::context facts;
    facts.set("aws:UserAgent", text);
    facts.set_many("aws:TagKeys", {std::string(text), std::string(text.substr(size / 2))});
    const std::string& shown = facts.find("aws:useragent")->values.front();
    sts::caller by;
    by.principal.arn = "arn:aws:iam::123456789012:user/alice";
    const policy::authorization decided;
    for (const auto side : {sts::authorization_side::caller, sts::authorization_side::resource,
                            sts::authorization_side::both}) {
        const std::string json =
            sts::authorization_message({by, "sts:AssumeRole", shown, decided, facts}, side);
        expect(encoding::parse_json(json).has_value());
        const std::string sealed =
            sts::seal_authorization_message(json, account, "aws", ring, random, now);
        expect(sealed.size() <= sts::longest_encoded_message);
        const auto opened = sts::open_authorization_message(sealed, account, "aws", ring, now);
        expect(opened && *opened == json);
        expect(!sts::open_authorization_message(sealed, "210987654321", "aws", ring, now));
        std::string changed = sealed;
        const std::size_t at = size % changed.size();
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        expect(!sts::open_authorization_message(changed, account, "aws", ring, now));
    }
    return 0;
}
