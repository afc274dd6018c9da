#include "daemon/key_ring_file.hpp"

#include <algorithm>
#include <unistd.h>

#include "daemon/wrapping_keys.hpp"
#include "host/secret_file.hpp"
#include "sts/session/wrapped_ring.hpp"

namespace daemon_ {

namespace {

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

base::error about(const std::string& path, const base::error& what) {
    return {what.kind, path + ": " + what.message, what.code};
}

}  // namespace

key_ring_file::key_ring_file(std::string path, std::vector<sts::wrapping_key> keys,
                             base::random& random)
    : path_(std::move(path)), keys_(std::move(keys)), random_(random) {}

std::vector<sts::wrapping_key> key_ring_file::wrapping_keys() const {
    std::vector<sts::wrapping_key> out;
    for (const sts::wrapping_key& one : keys_)
        out.emplace_back(base::secret(one.reveal()));
    return out;
}

base::result<std::unique_ptr<key_ring_file>> key_ring_file::open(
    const std::string& state_directory, const std::vector<sts::wrapping_key_source>& wrapped_by,
    const base::clock& clock, base::random& random) {
    const std::string key_path = state_directory + "/" + automatic_wrapping_key;
    const bool key_is_new =
        !exists(key_path) &&
        std::any_of(wrapped_by.begin(), wrapped_by.end(), [](const auto& source) {
            return source.from == sts::wrapping_key_source::kind::automatic;
        });
    auto loaded = load_wrapping_keys(wrapped_by, state_directory, random);
    if (!loaded) return loaded.error();
    const std::string path = state_directory + "/" + key_ring_file_name;
    std::unique_ptr<key_ring_file> made(new key_ring_file(path, std::move(*loaded), random));

    const base::wall_time now = clock.now();
    auto text = host::read_secret_file(path);
    if (!text && text.error().kind != base::error_kind::not_found) return text.error();
    if (!text) {
        if (auto kept = made->keep(sts::key_ring::generate(random, now)); !kept)
            return kept.error();
        return made;
    }
    if (auto plain = sts::key_ring::parse(text->reveal(), now)) {
        if (!key_is_new)
            return base::denied(path +
                                ": the key ring is not wrapped. Only one that was made before "
                                "there were wrapping keys may be, and " +
                                (exists(key_path)
                                     ? key_path + " shows that there is one; if an "
                                                  "upgrade was cut short, remove that"
                                     : "only the automatic wrapping key takes it over"));
        if (auto kept = made->keep(std::move(*plain)); !kept) return kept.error();
        return made;
    }
    auto unwrapped = sts::unwrap_ring(text->reveal(), made->keys_, now);
    if (!unwrapped) return about(path, unwrapped.error());
    if (!unwrapped->rewrap) {
        made->ring_ = std::make_shared<const sts::key_ring>(std::move(unwrapped->ring));
        return made;
    }
    if (auto kept = made->keep(std::move(unwrapped->ring)); !kept) return kept.error();
    return made;
}

base::result<void> key_ring_file::keep(sts::key_ring ring) {
    const base::secret text(sts::wrap_ring(ring, keys_.front(), random_));
    if (auto written = host::write_secret_file(path_, text); !written) return written.error();
    ring_ = std::make_shared<const sts::key_ring>(std::move(ring));
    return {};
}

base::result<std::shared_ptr<const sts::key_ring>> key_ring_file::change(const ring_change& what) {
    sts::key_ring next(*ring_);
    if (auto done = what(next); !done) return done.error();
    if (auto kept = keep(std::move(next)); !kept) return kept.error();
    return ring_;
}

}  // namespace daemon_
