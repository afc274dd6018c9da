// Queries of the admin socket that change what instances see, or the issuer's keys: refused, or
// what they mean is fit to be kept and comes back unchanged.
#include "admin/live_queries.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "admin/key_queries.hpp"
#include "admin/revoke_queries.hpp"
#include "profile/live_state.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

const base::wall_time now{std::chrono::seconds(1'790'000'000)};

void try_event(std::string_view text) {
    const auto request = admin::parse_event_query(text);
    if (!request) return;
    const auto again = admin::parse_event_query(admin::format_event_query(*request));
    expect(again && *again == *request);
    auto event = admin::to_event(*request, now);
    if (!event) return;
    expect(profile::check(*event).has_value());
    expect(event->visible >= now);
    event->id = "id";
    profile::live_state state;
    state.events.push_back(*event);
    const auto kept = profile::parse_live_state(profile::serialise(state));
    // A profile of any name can be asked for; the daemon knows which there are.
    expect(kept ? *kept == state : event->profile.size() > 64);
}

void try_options(std::string_view text) {
    const auto request = admin::parse_options_query(text);
    if (!request) return;
    const auto again = admin::parse_options_query(admin::format_options_query(*request));
    expect(again && *again == *request);
    if (request->change.hop_limit)
        expect(*request->change.hop_limit >= 1 && *request->change.hop_limit <= 64);
}

void try_keys(std::string_view text) {
    using action = admin::key_request::action;
    for (const action what :
         {action::publish, action::activate, action::rotate, action::retire, action::revoke}) {
        const auto request = admin::parse_key_query(what, text);
        if (!request) continue;
        const auto again = admin::parse_key_query(what, admin::format_key_query(*request));
        expect(again && *again == *request);
    }
}

void try_revoke(std::string_view text) {
    const auto request = admin::parse_revoke_query(text);
    if (!request) return;
    const auto again = admin::parse_revoke_query(admin::format_revoke_query(*request));
    expect(again && *again == *request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try_event(text);
    try_options(text);
    try_keys(text);
    try_revoke(text);
    static_cast<void>(admin::parse_event_id_query(text));
    return 0;
}
