#pragma once

#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/tls_server.hpp"

namespace net_test {

/// A fresh certificate that signs itself, with its key, as a server's identity.
inline std::shared_ptr<const net::tls_identity> new_identity() {
    using free_bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    X509_set_pubkey(made.get(), key.get());
    X509_sign(made.get(), key.get(), EVP_sha256());
    const auto text_of = [](BIO* from) {
        char* text = nullptr;
        const long size = BIO_get_mem_data(from, &text);
        return std::string(text, std::size_t(size));
    };
    const free_bio certificate(BIO_new(BIO_s_mem()), BIO_free_all);
    const free_bio secret(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_X509(certificate.get(), made.get());
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    auto identity = net::tls_identity::make(text_of(certificate.get()), text_of(secret.get()));
    if (!identity) throw std::runtime_error(identity.error().message);
    return std::move(*identity);
}

/// The client's side of TLS on a connected socket, which it does not own. Believes any server.
class tls_peer {
public:
    explicit tls_peer(int fd, int version = TLS1_3_VERSION, const char* ciphers = nullptr) {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_min_proto_version(context_.get(), version);
        SSL_CTX_set_max_proto_version(context_.get(), version);
        if (ciphers != nullptr && SSL_CTX_set_cipher_list(context_.get(), ciphers) != 1)
            throw std::runtime_error("no such ciphers");
        SSL_CTX_set_options(context_.get(), SSL_OP_NO_TICKET);
        SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
        session_.reset(SSL_new(context_.get()));
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        SSL_set_fd(session_.get(), fd);
        SSL_set_connect_state(session_.get());
    }

    /// One step; false: it cannot go on by itself.
    bool handshake() { return SSL_do_handshake(session_.get()) == 1; }
    bool failed() { return SSL_get_error(session_.get(), -1) == SSL_ERROR_SSL; }
    bool send(std::string_view text) {
        return SSL_write(session_.get(), text.data(), int(text.size())) == int(text.size());
    }
    /// What has come so far.
    std::string receive() {
        char piece[4096];
        std::string text;
        for (int size; (size = SSL_read(session_.get(), piece, sizeof piece)) > 0;)
            text.append(piece, std::size_t(size));
        return text;
    }
    SSL* get() { return session_.get(); }

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session_{nullptr, SSL_free};
};

}  // namespace net_test
