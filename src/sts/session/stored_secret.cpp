#include "sts/session/stored_secret.hpp"

#include "encoding/base64.hpp"
#include "sts/session/sealed_text.hpp"

namespace sts {

namespace {

constexpr auto purpose = key_ring::purpose::stored_secret;

}  // namespace

std::string seal_stored_secret(const stored_secret_owner& owner, const base::secret& value,
                               const key_ring& ring, base::random& random) {
    return encoding::base64(seal_bytes(purpose,
                                       {ring.issuer_id(), owner.account, owner.access_key_id},
                                       value.reveal(), ring, random));
}

base::result<base::secret> open_stored_secret(const stored_secret_owner& owner,
                                              std::string_view sealed, const key_ring& ring) {
    const std::string what = "the stored secret of access key " + std::string(owner.access_key_id);
    const auto envelope = encoding::decode_base64(sealed);
    const auto id = envelope ? sealing_key_of(*envelope) : std::nullopt;
    if (!id) return base::denied(what + " is damaged");
    if (!ring.opening_key(purpose, *id))
        return base::not_found(what + " is sealed under key " + std::to_string(*id) +
                               ", which the key ring does not have for this any more");
    auto opened = open_bytes(purpose, {ring.issuer_id(), owner.account, owner.access_key_id},
                             *envelope, ring);
    if (!opened) return base::denied(what + " does not open: it is damaged, or another one's");
    base::secret out(*opened);
    base::wipe(opened->data(), opened->size());
    return out;
}

std::optional<std::uint16_t> stored_secret_key(std::string_view sealed) {
    const auto envelope = encoding::decode_base64(sealed);
    if (!envelope) return std::nullopt;
    return sealing_key_of(*envelope);
}

}  // namespace sts
