#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace host {

inline constexpr std::size_t largest_secret_file = 64 * 1024;

/// Who besides its owner may read a secret file.
enum class secret_readers {
    nobody,
    group,  ///< its group: also what an access control list for one user looks like (acl(5))
};

/// The whole file, byte for byte. It must be a regular file of this user or of root, and nobody
/// else may read or write it; otherwise, or when larger than the limit, an error names the file.
base::result<base::secret> read_secret_file(const std::string& path,
                                            std::size_t most = largest_secret_file,
                                            secret_readers others = secret_readers::nobody);

/// Replaces the file in one step: after a crash there is the old content or the new one, whole.
/// Mode 0600.
base::result<> write_secret_file(const std::string& path, const base::secret& content);

/// The `size` random bytes kept in the file, made at the first call. Of several starters at the
/// same time all get the bytes of one. A file that is damaged, of another size or readable for
/// others is an error and stays as it is: a new key in its place would silently end whatever the
/// old one protected.
base::result<base::secret> create_secret_once(const std::string& path, std::size_t size,
                                              base::random& random);

}  // namespace host
