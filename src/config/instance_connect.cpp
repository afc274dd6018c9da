#include "config/json_value.hpp"
#include "config/sections.hpp"
#include "crypto/rsa_pss.hpp"
#include "encoding/base64.hpp"

namespace config {

namespace {

constexpr std::size_t most_responses = 16;
constexpr std::size_t most_bytes = 64 * 1024;

std::string read_part(const node& value, std::string_view key, context with) {
    const auto path = read_text(value, key, with.out);
    if (!path) return {};
    auto content = read_file_value(*path, value.at, with);
    if (!content) return {};
    if (content->empty() || content->size() > most_bytes) {
        with.out.error(value.at,
                       *path + ": 1 to " + std::to_string(most_bytes) + " bytes are expected");
        return {};
    }
    return std::move(*content);
}

}  // namespace

profile::instance_connect read_instance_connect(const node& value, context with) {
    const mapping fields(value, sections::instance_connect, with.out);
    profile::instance_connect connect;
    if (const node* certificate = fields.require("signer_certificate")) {
        connect.signer_certificate = read_part(*certificate, "signer_certificate", with);
        if (!connect.signer_certificate.empty() &&
            connect.signer_certificate.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
            with.out.error(certificate->at, "the file holds no certificate in PEM form");
        }
    }
    if (const node* key = fields.find("signer_key")) {
        const std::string pem = read_part(*key, "signer_key", with);
        const auto tried = crypto::sign_rsa_pss_sha256(pem, "");
        if (!pem.empty() && !tried) with.out.error(key->at, tried.error().message);
        connect.signer_key = std::make_shared<const base::secret>(pem);
    }
    const node* responses = fields.find("signer_ocsp");
    if (!responses) return connect;
    each_named(*responses, "signer_ocsp", with.out, [&](const node::entry& entry) {
        if (!is_plain_name(entry.key)) {
            with.out.error(entry.at,
                           "names of responses are 1 to 64 letters, digits, '_', '.' and '-'");
        }
        const std::string response = read_part(entry.value, entry.key, with);
        connect.signer_ocsp.emplace_back(entry.key, encoding::base64(response));
    });
    if (connect.signer_ocsp.size() > most_responses) {
        with.out.error(responses->at,
                       "there are at most " + std::to_string(most_responses) + " responses");
    }
    return connect;
}

}  // namespace config
