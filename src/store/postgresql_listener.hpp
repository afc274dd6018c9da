#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "store/postgresql_connection.hpp"
#include "store/wake_event.hpp"

namespace store {

/// The channel of NOTIFY; its payload is the new version.
inline constexpr const char* postgresql_channel = "imdsd_store";

/// LISTEN on a connection of its own, to the server that the main connection found. It connects
/// while it waits, so that wake() works all the time, and again when it was lost. A server that
/// refuses LISTEN is not asked again.
class postgresql_listener {
public:
    /// All must outlive it.
    postgresql_listener(const postgresql_target& target, const postgresql_limits& limits,
                        const wake_event& wake)
        : target_(target), limits_(limits), wake_(wake) {}

    /// `server`: none when there is no main connection. A notification of `known` or an older
    /// version is no change. To have begun or ceased to listen is one: what came meanwhile was
    /// told to nobody.
    wait_end wait(base::milliseconds most,
                  const std::optional<postgresql_connection::endpoint>& server,
                  std::uint64_t known);

    /// Why it does not listen; empty while it does.
    const std::string& trouble() const { return trouble_; }

private:
    using steady = std::chrono::steady_clock;
    enum class stage { off, connecting, asking, listening, refused };

    void begin();
    bool advance(std::uint64_t known);
    void go_on_connecting();
    bool read_answer();
    bool read_notifications(std::uint64_t known);
    void give_up(const std::string& why);

    const postgresql_target& target_;
    const postgresql_limits& limits_;
    const wake_event& wake_;
    postgresql_handle handle_;
    std::optional<postgresql_connection::endpoint> server_;
    stage stage_ = stage::off;
    wake_event::interest interest_ = wake_event::interest::read;
    steady::time_point
        next_step_{};  ///< off: the next try; connecting, asking: the end of this one
    std::string trouble_ = "not connected yet";
};

}  // namespace store
