#include <cstdint>
#include <cstdlib>
#include <string>

#include "container/responder.hpp"
#include "container/routes.hpp"
#include "encoding/json.hpp"
#include "http/request_parser.hpp"

using namespace container;

namespace {

const binding_identifiers& own() {
    static const binding_identifiers made = identifier_mint("a fixed secret").mint("a binding");
    return made;
}

const credential_state& credentials() {
    static const credential_state made = [] {
        aws::credentials given;
        given.access_key_id = "ASIAEXAMPLEEXAMPLE00";
        given.secret_access_key = base::secret("THESECRET");
        given.session_token = base::secret("THETOKEN");
        given.expiration = base::wall_time(base::milliseconds(1000));
        return valid_state("arn:aws:iam::123456789012:role/r", given, false, 1);
    }();
    return made;
}

const description& about() {
    static const description made = [] {
        description d;
        d.task.containers.resize(1);
        d.task.containers[0].docker_id = "id";
        return d;
    }();
    return made;
}

bool shows(const http::request& request, std::string_view identifier) {
    if (request.target.find(identifier) != std::string_view::npos) return true;
    for (const http::field& field : request.fields)
        if (field.value == identifier) return true;
    return false;
}

}  // namespace

/// Whatever is asked: no credentials without the id or token, no header broken, and JSON where JSON
/// is said; a clean path is clean; nothing of a path's ids in what is logged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    http::request_limits limits;
    limits.header_bytes = 4096;
    limits.target_bytes = 1024;
    http::request_parser parser(limits, false);
    if (parser.feed(input).status != http::request_parser::state::complete) return 0;
    const http::request& request = parser.current();

    http::rate_limiter limiter{agent_rate};
    looked_up found;
    found.described = &about();
    found.measured = nullptr;
    const request_context context{own(), credentials(), limiter, "caller", "127.0.0.1:1", {}, {}};
    http::response answer;
    const outcome done = respond(request, context, found, false, false, answer);
    const std::string out = std::string(answer.headers) + answer.more_headers;
    const bool served = answer.body == credentials().document;
    if (served != (done.what == outcome::kind::credentials_served)) std::abort();
    // An escaped id is the same id; only a plain one can be looked for here.
    if (served && request.target.find('%') == std::string_view::npos &&
        !shows(request, own().credentials_id) && !shows(request, own().token.reveal())) {
        std::abort();
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool end = out[i] == '\r' && i + 1 < out.size() && out[i + 1] == '\n';
        if (end) {
            ++i;
        } else if (static_cast<unsigned char>(out[i]) < 0x20 && out[i] != '\t') {
            std::abort();
        }
    }
    if (!out.empty() && !out.ends_with("\r\n")) std::abort();
    if (answer.headers == "Content-Type: application/json\r\n" &&
        !encoding::parse_json(answer.body).has_value()) {
        std::abort();
    }
    if (answer.status == 301) {
        const std::string_view location = std::string_view(answer.more_headers).substr(10);
        const auto again = read_path(location.substr(0, location.find_first_of("?\r")));
        if (!again || !again->clean) std::abort();
    }
    if (loggable_path(request.target).find(own().credentials_id) != std::string::npos) std::abort();
    return 0;
}
