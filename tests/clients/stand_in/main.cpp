// clients_stand_in --keys FILE --port PORT [--certificate FILE --key FILE] [--bucket NAME]...
//
// Serves on 127.0.0.1 until it is killed. One line of JSON on standard output for each request,
// with who signed it and what is wrong with it.

#include <array>
#include <iostream>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json.hpp>

#include "chunked_payload.hpp"
#include "ec2.hpp"
#include "host/secret_file.hpp"
#include "host/secret_text.hpp"
#include "host/system_clock.hpp"
#include "s3.hpp"
#include "sts/session/wrapped_ring.hpp"
#include "verifier.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using message = beast::http::request<beast::http::string_body>;

constexpr std::uint64_t largest_body = 256 * 1024 * 1024;
constexpr std::uint32_t largest_head = 64 * 1024;

struct options {
    std::string keys, certificate, key;
    unsigned short port = 0;
    std::vector<std::string> buckets;
};

class front {
public:
    front(sts::key_ring ring, const std::vector<std::string>& buckets)
        : verifier_(std::move(ring), clock_), s3_(store_, clock_) {
        for (const std::string& bucket : buckets)
            store_.create(bucket);
    }

    stand_in::answer handle(const message& received) {
        std::vector<http::field> fields;
        for (const auto& field : received) {
            fields.push_back({{field.name_string().data(), field.name_string().size()},
                              {field.value().data(), field.value().size()}});
        }
        http::request request;
        request.method = {received.method_string().data(), received.method_string().size()};
        request.target = {received.target().data(), received.target().size()};
        request.fields = fields;
        request.body = received.body();

        stand_in::verdict who = verifier_.verify(request);
        std::string body = received.body();
        if (who.fault.empty()) open_body(request, who, body);
        const std::string service = stand_in::service_of(request);
        stand_in::answer answer =
            who.code == stand_in::region_is_wrong ? stand_in::s3::failure(400, who.code, who.fault)
            : !who.fault.empty()                  ? stand_in::s3::failure(403, who.code, who.fault)
            : service == "ec2"                    ? stand_in::handle_ec2(body)
                                                  : s3_.handle(request, std::move(body));
        log(request, service, who, answer.status);
        return answer;
    }

private:
    static void open_body(const http::request& request, stand_in::verdict& who, std::string& body) {
        const http::field* stated = request.find("x-amz-content-sha256");
        if (stated == nullptr || !stated->value.starts_with("STREAMING-")) return;
        auto opened = stand_in::open_chunks(body, stated->value, who);
        if (opened) {
            body = std::move(*opened);
        } else {
            who.fault = opened.error().message;
            who.code = "SignatureDoesNotMatch";
        }
    }

    void log(const http::request& request, const std::string& service, const stand_in::verdict& who,
             unsigned status) {
        const http::field* agent = request.find("user-agent");
        const http::field* stated = request.find("x-amz-content-sha256");
        const auto text = [](const http::field* field) {
            return field != nullptr ? std::string(field->value) : std::string();
        };
        const boost::json::object line{{"method", request.method},
                                       {"target", request.target},
                                       {"service", service},
                                       {"status", status},
                                       {"key", who.access_key_id},
                                       {"role", who.role_arn},
                                       {"session", who.session_name},
                                       {"payload", text(stated)},
                                       {"agent", text(agent)},
                                       {"fault", who.fault},
                                       {"code", who.code}};
        const std::lock_guard lock(output_);
        std::cout << boost::json::serialize(line) << std::endl;
    }

    host::system_clock clock_;
    stand_in::verifier verifier_;
    stand_in::object_store store_;
    stand_in::s3 s3_;
    std::mutex output_;
};

template <class Stream>
void serve(Stream& stream, front& front) {
    beast::flat_buffer buffer;
    for (;;) {
        beast::http::request_parser<beast::http::string_body> parser;
        parser.body_limit(largest_body);
        parser.header_limit(largest_head);
        beast::http::read_header(stream, buffer, parser);
        if (beast::iequals(parser.get()[beast::http::field::expect], "100-continue")) {
            beast::http::response<beast::http::empty_body> go_on(beast::http::status::continue_,
                                                                 11);
            beast::http::write(stream, go_on);
        }
        beast::http::read(stream, buffer, parser);
        const message received = parser.release();
        stand_in::answer answer = front.handle(received);
        beast::http::response<beast::http::string_body> response(
            static_cast<beast::http::status>(answer.status), received.version());
        response.set("Server", "stand-in");
        response.set("x-amz-request-id", "1");
        for (const auto& [name, value] : answer.fields)
            response.set(name, value);
        response.keep_alive(received.keep_alive());
        if (received.method() == beast::http::verb::head) {
            response.content_length(answer.head_length);
            beast::http::response_serializer<beast::http::string_body> head(response);
            beast::http::write_header(stream, head);
        } else {
            response.body() = std::move(answer.body);
            response.prepare_payload();
            beast::http::write(stream, response);
        }
        if (!received.keep_alive()) return;
    }
}

void serve_connection(tcp::socket socket, asio::ssl::context* tls, front& front) {
    try {
        if (tls == nullptr) {
            serve(socket, front);
        } else {
            asio::ssl::stream<tcp::socket&> stream(socket, *tls);
            stream.handshake(asio::ssl::stream_base::server);
            serve(stream, front);
            stream.shutdown();
        }
    } catch (const boost::system::system_error&) {
        // The client went away, or sent what is no HTTP.
    }
}

options read_options(int count, char** words) {
    options out;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = words[i];
        const char* value = words[i + 1];
        if (name == "--keys") {
            out.keys = value;
        } else if (name == "--port") {
            out.port = static_cast<unsigned short>(std::stoul(value));
        } else if (name == "--certificate") {
            out.certificate = value;
        } else if (name == "--key") {
            out.key = value;
        } else if (name == "--bucket") {
            out.buckets.emplace_back(value);
        } else {
            throw std::invalid_argument("unknown option " + std::string(name));
        }
    }
    if (out.keys.empty() || out.port == 0 || out.certificate.empty() != out.key.empty()) {
        throw std::invalid_argument("needs --keys and --port, --certificate only with --key");
    }
    return out;
}

int run(const options& options) {
    const auto text = host::read_secret_file(options.keys);
    if (!text) throw std::runtime_error(text.error().message);
    const std::string folder = options.keys.substr(0, options.keys.rfind('/'));
    const auto kept = host::read_secret_file(folder + "/wrapping.key");
    if (!kept) throw std::runtime_error(kept.error().message);
    auto bytes = host::parse_secret_text(*kept, sts::wrapping_key::size);
    if (!bytes) throw std::runtime_error(bytes.error().message);
    const std::array keys{sts::wrapping_key(std::move(*bytes))};
    auto ring = sts::unwrap_ring(text->reveal(), keys, {});
    if (!ring) throw std::runtime_error(ring.error().message);
    front front(std::move(ring->ring), options.buckets);

    asio::ssl::context tls(asio::ssl::context::tls_server);
    const bool with_tls = !options.certificate.empty();
    if (with_tls) {
        tls.use_certificate_chain_file(options.certificate);
        tls.use_private_key_file(options.key, asio::ssl::context::pem);
    }
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), options.port});
    std::cout << "ready" << std::endl;
    for (;;) {
        tcp::socket socket = acceptor.accept();
        std::thread(serve_connection, std::move(socket), with_tls ? &tls : nullptr, std::ref(front))
            .detach();
    }
}

}  // namespace

int main(int count, char** words) {
    try {
        return run(read_options(count, words));
    } catch (const std::exception& e) {
        std::cerr << "clients_stand_in: " << e.what() << '\n';
        return 1;
    }
}
