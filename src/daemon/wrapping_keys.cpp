#include "daemon/wrapping_keys.hpp"

#include "host/given_secret.hpp"
#include "host/secret_file.hpp"
#include "host/secret_text.hpp"

namespace daemon_ {

namespace {

using kind = sts::wrapping_key_source::kind;

base::result<base::secret> read(const sts::wrapping_key_source& source) {
    switch (source.from) {
        case kind::file:
            return host::read_secret_file(source.name);
        case kind::environment:
            return host::take_environment_secret(source.name);
        case kind::credential:
            return host::read_service_credential(source.name);
        case kind::automatic:
            break;
    }
    return base::internal("no source of a secret");
}

base::result<sts::wrapping_key> load(const sts::wrapping_key_source& source,
                                     const std::string& state_directory, base::random& random) {
    if (source.from == kind::automatic) {
        auto made = host::create_secret_once(state_directory + "/" + automatic_wrapping_key,
                                             sts::wrapping_key::size, random);
        if (!made) return made.error();
        return sts::wrapping_key(std::move(*made));
    }
    const auto text = read(source);
    if (!text) return text.error();
    // A copy of another daemon's automatic key serves as well.
    if (auto kept = host::parse_secret_text(*text, sts::wrapping_key::size))
        return sts::wrapping_key(std::move(*kept));
    return sts::wrapping_key::parse(*text);
}

}  // namespace

base::result<std::vector<sts::wrapping_key>> load_wrapping_keys(
    const std::vector<sts::wrapping_key_source>& sources, const std::string& state_directory,
    base::random& random) {
    std::vector<sts::wrapping_key> keys;
    for (const sts::wrapping_key_source& source : sources) {
        auto key = load(source, state_directory, random);
        if (!key)
            return base::error{key.error().kind, source.text() + ": " + key.error().message,
                               key.error().code};
        keys.push_back(std::move(*key));
    }
    if (keys.empty()) return base::invalid("the key ring needs a wrapping key");
    return keys;
}

}  // namespace daemon_
