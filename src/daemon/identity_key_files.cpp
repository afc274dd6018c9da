#include "daemon/identity_key_files.hpp"

#include "host/secret_file.hpp"

namespace daemon_ {

std::string identity_key_file(imds::signature_kind kind) {
    return std::string("identity-") + imds::to_string(kind) + ".pem";
}

base::result<std::optional<imds::signing_identity>> read_identity_key(const std::string& directory,
                                                                      imds::signature_kind kind) {
    const std::string path = directory + "/" + identity_key_file(kind);
    const auto text = host::read_secret_file(path);
    if (!text && text.error().kind == base::error_kind::not_found)
        return std::optional<imds::signing_identity>();
    if (!text) return text.error();
    auto read = imds::signing_identity::parse(kind, text->reveal());
    if (!read)
        return base::invalid(path + ": " + read.error().message +
                             "; restore it, or remove it to have a new one made");
    return std::optional<imds::signing_identity>(std::move(*read));
}

base::result<imds::signing_identity> make_identity_key(const std::string& directory,
                                                       imds::signature_kind kind,
                                                       std::string_view owner, base::wall_time now,
                                                       base::random& random,
                                                       const std::atomic<bool>& stop) {
    auto made = imds::signing_identity::generate(kind, owner, now, random, stop);
    if (!made) return made;
    const std::string path = directory + "/" + identity_key_file(kind);
    if (const auto written = host::write_secret_file(path, made->pem()); !written)
        return written.error();
    return made;
}

}  // namespace daemon_
