#include "host/facts.hpp"

#include <array>
#include <sys/utsname.h>
#include <unistd.h>

#include "crypto/hash.hpp"
#include "host/first_line.hpp"
#include "host/hex.hpp"
#include "host/network_facts.hpp"
#include "host/secret_file.hpp"

namespace host {

namespace {

constexpr std::size_t machine_id_digits = 32;
constexpr std::size_t instance_id_digits = 17;  // i-0123456789abcdef0

bool is_machine_id(std::string_view text) {
    return text.size() == machine_id_digits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
           text.find_first_not_of('0') != std::string_view::npos;
}

// machine-id(5): "hashed with a cryptographic, keyed hash function, using a fixed,
// application-specific key". The roles are those of sd_id128_get_machine_app_specific(3).
crypto::digest256 derive(std::string_view machine_id, std::string_view label) {
    return crypto::hmac_sha256(machine_id, label);
}

std::string id_digits(std::string_view machine_id, std::string_view label) {
    return hex_text(crypto::as_text(derive(machine_id, label))).substr(0, instance_id_digits);
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    std::string text = name.data();
    return text == "localhost" || text == "(none)" ? std::string() : text;
}

std::string architecture() {
    utsname system{};
    if (::uname(&system) != 0) return "x86_64";
    const std::string_view machine = system.machine;
    if (machine == "aarch64" || machine == "arm64") return "arm64";
    if (machine.size() == 4 && machine.front() == 'i' && machine.substr(2) == "86") return "i386";
    return "x86_64";  // EC2 knows no others
}

base::wall_time boot_time(const base::clock& clock) {
    const auto booted = clock.now() - clock.boot_now().time_since_epoch();
    return std::chrono::floor<base::seconds>(booted);
}

}  // namespace

base::result<std::string> read_machine_id(const std::string& file) {
    auto text = first_line(file);
    if (text && !is_machine_id(*text)) return base::invalid(file + ": no machine id");
    return text;
}

base::result<std::string> kept_machine_id(const std::string& state_directory,
                                          base::random& random) {
    const auto kept =
        create_secret_once(state_directory + "/machine-id", machine_id_digits / 2, random);
    if (!kept) return kept.error();
    return hex_text(kept->reveal());
}

std::string machine_id_or_kept(const std::string& state_directory, base::random& random) {
    auto id = read_machine_id();
    if (!id) id = kept_machine_id(state_directory, random);
    return id ? *id : std::string();
}

profile::host_facts gather_host_facts(const base::clock& clock, const std::string& machine_id) {
    profile::host_facts facts;
    facts.hostname = host_name();
    const std::string& seed = machine_id.empty() ? facts.hostname : machine_id;
    facts.instance_id = "i-" + id_digits(seed, "imdsd instance id 1");
    facts.unique_suffix = id_digits(seed, "imdsd unique suffix 1");
    facts.interfaces = network_interfaces();
    facts.architecture = architecture();
    facts.boot_time = boot_time(clock);
    return facts;
}

profile::host_facts gather_host_facts(const base::clock& clock) {
    const auto id = read_machine_id();
    return gather_host_facts(clock, id ? *id : std::string());
}

}  // namespace host
