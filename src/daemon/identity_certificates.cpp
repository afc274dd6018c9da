#include "daemon/identity_certificates.hpp"

#include <vector>

#include <boost/json/array.hpp>

#include "daemon/identity_key_files.hpp"

namespace daemon_ {

namespace json = boost::json;

json::object describe_certificates(const imds::identity_keys& keys) {
    json::array all;
    for (const imds::signature_kind kind : imds::signature_kinds) {
        const crypto::certificate& shown = keys.of(kind).shown;
        all.push_back(json::object{{"kind", imds::to_string(kind)},
                                   {"subject", shown.subject()},
                                   {"serial_number", shown.serial_number()},
                                   {"pem", shown.pem()}});
    }
    return {{"apiVersion", "imdsd/v1"}, {"certificates", std::move(all)}};
}

base::result<json::object> read_certificates(const std::string& state_directory) {
    std::vector<imds::signing_identity> read;
    for (const imds::signature_kind kind : imds::signature_kinds) {
        auto one = read_identity_key(state_directory, kind);
        if (!one) return one.error();
        if (!*one)
            return base::not_found(state_directory + "/" + identity_key_file(kind) +
                                   ": not there yet; the daemon makes it at its first start");
        read.push_back(std::move(**one));
    }
    return describe_certificates({read[0], read[1], read[2]});
}

}  // namespace daemon_
