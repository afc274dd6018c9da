#include "net/tls_server.hpp"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <utility>

#include <climits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "net/tls_handles.hpp"

namespace net {

namespace {

using bio_handle = base::owned<BIO, BIO_free>;
using certificate_handle = base::owned<X509, X509_free>;
using key_handle = base::owned<EVP_PKEY, EVP_PKEY_free>;

constexpr std::size_t most_certificates = 16;

bio_handle read_only(std::string_view text) {
    return bio_handle(BIO_new_mem_buf(text.data(), int(text.size())));
}

// OpenSSL's own socket BIO calls write(2), which raises SIGPIPE.

int fd_of(BIO* bio) {
    return int(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int socket_write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(fd_of(bio), bytes, std::size_t(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_retry_write(bio);
    return int(sent);
}

int socket_read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(fd_of(bio), into, std::size_t(size), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_retry_read(bio);
    return int(got);
}

long socket_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        if (made == nullptr) throw std::bad_alloc();
        BIO_meth_set_write(made, socket_write);
        BIO_meth_set_read(made, socket_read);
        BIO_meth_set_ctrl(made, socket_control);
        return made;
    }();
    return method;
}

/// Nobody is there to type a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

base::result<void> use_certificates(SSL_CTX* context, std::string_view pem) {
    const bio_handle source = read_only(pem);
    std::size_t count = 0;
    for (; count <= most_certificates; ++count) {
        certificate_handle one(PEM_read_bio_X509(source.get(), nullptr, no_passphrase, nullptr));
        if (!one) break;
        const bool taken = count == 0 ? SSL_CTX_use_certificate(context, one.get()) == 1
                                      : SSL_CTX_add0_chain_cert(context, one.get()) == 1;
        if (!taken) return base::invalid("the certificate cannot be used: " + openssl_text());
        if (count != 0) static_cast<void>(one.release());
    }
    const unsigned long last = ERR_peek_last_error();
    const bool at_end = ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    if (count == 0 || !at_end)
        return base::invalid(count == 0 ? "no PEM certificate is there"
                                        : "the PEM certificates cannot be read to their end");
    ERR_clear_error();
    return {};
}

base::result<void> use_key(SSL_CTX* context, std::string_view pem) {
    const bio_handle source = read_only(pem);
    const key_handle key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return base::invalid("no unencrypted PEM private key is there");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        return base::invalid("the private key is not the certificate's: " + openssl_text());
    if (SSL_CTX_check_private_key(context) != 1)
        return base::invalid("the private key is not the certificate's: " + openssl_text());
    return {};
}

}  // namespace

struct tls_identity::state {
    tls_context_handle context;
};

tls_identity::tls_identity(std::unique_ptr<state> made) : self_(std::move(made)) {}
tls_identity::~tls_identity() = default;

base::result<std::shared_ptr<const tls_identity>> tls_identity::make(std::string_view certificates,
                                                                     std::string_view key) {
    tls_context_handle context(SSL_CTX_new(TLS_server_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
        return base::internal("no TLS: " + openssl_text());
    // Forward secrecy and authenticated encryption; TLS 1.3 has nothing else.
    if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return base::internal("no TLS: " + openssl_text());
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    // Key updates and the like: one for each read, or a client that sends nothing else would keep
    // the read, and with it the thread, to itself.
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
    // Clients resume by tickets. The cache is for those that cannot, and strangers could fill it.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (auto used = use_certificates(context.get(), certificates); !used) return used.error();
    if (auto used = use_key(context.get(), key); !used) return used.error();
    auto made = std::make_unique<state>(state{std::move(context)});
    return std::shared_ptr<const tls_identity>(new tls_identity(std::move(made)));
}

struct tls_stream::state {
    std::shared_ptr<const tls_identity> identity;
    tls_session_handle session;
    bool broken = false;

    result of(int returned, std::size_t size) {
        if (returned == 1) return {outcome::moved, size};
        const int why = SSL_get_error(session.get(), returned);
        // What is left in the thread's queue must not be taken for another connection's error.
        ERR_clear_error();
        if (why == SSL_ERROR_WANT_READ) return {outcome::wait_read, 0};
        if (why == SSL_ERROR_WANT_WRITE) return {outcome::wait_write, 0};
        // After any other error SSL_shutdown must not be called.
        broken = broken || why != SSL_ERROR_ZERO_RETURN;
        return {outcome::ended, 0};
    }
};

tls_stream::tls_stream(std::shared_ptr<const tls_identity> identity, int fd)
    : self_(std::make_unique<state>()) {
    self_->session.reset(SSL_new(identity->self_->context.get()));
    BIO* socket = BIO_new(socket_method());
    if (!self_->session || socket == nullptr) {
        BIO_free(socket);
        throw std::bad_alloc();
    }
    BIO_set_data(socket, reinterpret_cast<void*>(std::intptr_t(fd)));
    BIO_set_init(socket, 1);
    SSL_set_bio(self_->session.get(), socket, socket);
    SSL_set_accept_state(self_->session.get());
    self_->identity = std::move(identity);
}

tls_stream::~tls_stream() = default;

tls_stream::result tls_stream::read(char* into, std::size_t size) {
    std::size_t got = 0;
    const int returned = SSL_read_ex(self_->session.get(), into, size, &got);
    return self_->of(returned, got);
}

tls_stream::result tls_stream::write(std::string_view bytes) {
    std::size_t sent = 0;
    const int returned = SSL_write_ex(self_->session.get(), bytes.data(), bytes.size(), &sent);
    return self_->of(returned, sent);
}

tls_details tls_stream::details() const {
    return {SSL_get_version(self_->session.get()), SSL_get_cipher_name(self_->session.get())};
}

void tls_stream::close() {
    if (self_->broken || SSL_is_init_finished(self_->session.get()) != 1) return;
    SSL_shutdown(self_->session.get());
    ERR_clear_error();
    self_->broken = true;
}

void tls_server::replace(std::shared_ptr<const tls_identity> identity) {
    const std::lock_guard lock(guard_);
    identity_ = std::move(identity);
}

std::unique_ptr<tls_stream> tls_server::open(int fd) const {
    std::shared_ptr<const tls_identity> identity;
    {
        const std::lock_guard lock(guard_);
        identity = identity_;
    }
    return std::make_unique<tls_stream>(std::move(identity), fd);
}

}  // namespace net
