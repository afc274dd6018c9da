#pragma once

#include <memory>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

namespace crypto {

/// Owners of OpenSSL's objects, for this module's own source files.
template <auto release>
struct releaser {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
template <class T, auto release>
using handle = std::unique_ptr<T, releaser<release>>;

using bio_handle = handle<BIO, BIO_free_all>;
using key_handle = handle<EVP_PKEY, EVP_PKEY_free>;
using key_context_handle = handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using digest_context_handle = handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using certificate_handle = handle<X509, X509_free>;
using name_handle = handle<X509_NAME, X509_NAME_free>;
using extension_handle = handle<X509_EXTENSION, X509_EXTENSION_free>;
using time_handle = handle<ASN1_TIME, ASN1_TIME_free>;
using object_handle = handle<ASN1_OBJECT, ASN1_OBJECT_free>;
using pkcs7_handle = handle<PKCS7, PKCS7_free>;

}  // namespace crypto
