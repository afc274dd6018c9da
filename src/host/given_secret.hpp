#pragma once

#include <string>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace host {

/// A credential that systemd hands to this service (LoadCredential=, SetCredentialEncrypted= and so
/// on, systemd.exec(5)): the file `name` in $CREDENTIALS_DIRECTORY. It is held to the rules of
/// read_secret_file, but for the group's permission to read: where systemd lets the service's user
/// in by an access control list, the mode shows that.
base::result<base::secret> read_service_credential(const std::string& name);

/// An environment variable that holds a secret. It is overwritten and removed: afterwards neither
/// /proc/PID/environ nor a program that is started has it. not_found: not set, or set to nothing.
/// To be called before there are threads that read the environment.
base::result<base::secret> take_environment_secret(const std::string& name);

}  // namespace host
