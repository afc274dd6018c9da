#include "net/tls_client.hpp"

#include <array>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/ip_address.hpp"
#include "net/tls_handles.hpp"

namespace net {

namespace {

base::result<tls_context_handle> make_context(const std::string& ca_file) {
    tls_context_handle context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
        return base::internal(openssl_text());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(context.get()) != 1)
            return base::internal(openssl_text());
    } else if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
        return base::invalid("no certificate authorities can be read from " + ca_file + ": " +
                             openssl_text());
    }
    return context;
}

/// The certificate must be for this host: a DNS name, or an IP address as such.
bool expect_host(SSL* session, const std::string& host) {
    X509_VERIFY_PARAM* rules = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(
        rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (base::ip_address::parse(host))
        return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
           SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

}  // namespace

/// OpenSSL works on memory here; the socket is ours, so that every wait has its limit and no write
/// raises SIGPIPE.
struct tls_client::state {
    client_socket& socket;
    tls_context_handle context;
    tls_session_handle session;
    BIO* incoming = nullptr;  ///< both owned by the session
    BIO* outgoing = nullptr;
    std::string block{};

    base::result<void> flush(const patience& wait) {
        std::array<char, 16 * 1024> piece;
        while (BIO_ctrl_pending(outgoing) > 0) {
            const int size = BIO_read(outgoing, piece.data(), int(piece.size()));
            if (size <= 0) break;
            if (auto sent = socket.send({piece.data(), std::size_t(size)}, wait); !sent)
                return sent;
        }
        return {};
    }

    base::result<void> fill(const patience& wait) {
        block.clear();
        const auto got = socket.receive(block, wait);
        if (!got) return got.error();
        if (*got == 0) {
            // Reading on gives an error unless the closing alert has come before.
            BIO_set_mem_eof_return(incoming, 0);
            return {};
        }
        BIO_write(incoming, block.data(), int(block.size()));
        return {};
    }

    /// Repeats one OpenSSL call until it is through. True: done; false: closed by the peer's alert.
    template <class Call>
    base::result<bool> drive(Call call, const patience& wait) {
        for (;;) {
            ERR_clear_error();
            const int outcome = call();
            const int why = SSL_get_error(session.get(), outcome);
            if (auto sent = flush(wait); !sent) return sent.error();
            if (outcome > 0) return true;
            if (why == SSL_ERROR_ZERO_RETURN) return false;
            if (why != SSL_ERROR_WANT_READ) return failure();
            if (auto filled = fill(wait); !filled) return filled.error();
        }
    }

    base::error failure() const {
        const long verdict = SSL_get_verify_result(session.get());
        if (verdict != X509_V_OK) {
            ERR_clear_error();
            return base::unavailable("the server's certificate is refused: " +
                                     std::string(X509_verify_cert_error_string(verdict)));
        }
        return base::unavailable("TLS: " + openssl_text());
    }
};

tls_client::tls_client(std::unique_ptr<state> made) : self_(std::move(made)) {}
tls_client::tls_client(tls_client&&) noexcept = default;
tls_client::~tls_client() = default;

base::result<tls_client> tls_client::handshake(client_socket& socket, const std::string& host,
                                               const std::string& ca_file, const patience& wait) {
    auto context = make_context(ca_file);
    if (!context) return context.error();
    tls_session_handle session(SSL_new(context->get()));
    if (!session || !expect_host(session.get(), host)) return base::internal(openssl_text());
    BIO* incoming = BIO_new(BIO_s_mem());
    BIO* outgoing = BIO_new(BIO_s_mem());
    if (!incoming || !outgoing) {
        BIO_free(incoming);
        BIO_free(outgoing);
        return base::internal(openssl_text());
    }
    BIO_set_mem_eof_return(incoming, -1);  // empty means "later"
    SSL_set_bio(session.get(), incoming, outgoing);
    tls_client client(std::unique_ptr<state>(
        new state{socket, std::move(*context), std::move(session), incoming, outgoing}));
    SSL* const raw = client.self_->session.get();
    const auto done = client.self_->drive([raw] { return SSL_connect(raw); }, wait);
    if (!done) return done.error();
    if (!*done) return base::unavailable("TLS: closed during the handshake");
    return client;
}

base::result<void> tls_client::send(std::string_view bytes, const patience& wait) {
    SSL* const raw = self_->session.get();
    const auto done = self_->drive(
        [raw, bytes] { return SSL_write(raw, bytes.data(), int(bytes.size())); }, wait);
    if (!done) return done.error();
    if (!*done) return base::unavailable("TLS: closed by the server");
    return {};
}

base::result<std::size_t> tls_client::receive(std::string& into, const patience& wait) {
    std::array<char, 16 * 1024> piece;
    SSL* const raw = self_->session.get();
    int size = 0;
    const auto done =
        self_->drive([&] { return size = SSL_read(raw, piece.data(), int(piece.size())); }, wait);
    if (!done) return done.error();
    if (!*done) return std::size_t(0);
    into.append(piece.data(), std::size_t(size));
    return std::size_t(size);
}

}  // namespace net
