#include "host/hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "host/system_error.hpp"

namespace host {

base::result<> harden_process() {
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return system_failure("PR_SET_DUMPABLE", "harden the process");
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0)
        return system_failure("RLIMIT_CORE", "harden the process");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return system_failure("PR_SET_NO_NEW_PRIVS", "harden the process");
    return {};
}

}  // namespace host
