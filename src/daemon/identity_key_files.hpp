#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "imds/identity_signatures.hpp"

namespace daemon_ {

/// "identity-pkcs7.pem", in the state directory: the private key and its certificate, mode 0600.
std::string identity_key_file(imds::signature_kind kind);

/// Nothing when there is no such file yet. A file that is damaged, of another kind or readable for
/// others is an error that names it: a new key in its place would make verifiers that know the old
/// certificate refuse every document.
base::result<std::optional<imds::signing_identity>> read_identity_key(const std::string& directory,
                                                                      imds::signature_kind kind);

/// Makes a key and writes its file.
base::result<imds::signing_identity> make_identity_key(const std::string& directory,
                                                       imds::signature_kind kind,
                                                       std::string_view owner, base::wall_time now,
                                                       base::random& random,
                                                       const std::atomic<bool>& stop);

}  // namespace daemon_
