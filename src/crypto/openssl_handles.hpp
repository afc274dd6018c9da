#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "base/owned.hpp"

namespace crypto {

/// Owners of OpenSSL's objects, for this module's own source files.
using bio_handle = base::owned<BIO, BIO_free_all>;
using key_handle = base::owned<EVP_PKEY, EVP_PKEY_free>;
using key_context_handle = base::owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using digest_context_handle = base::owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using certificate_handle = base::owned<X509, X509_free>;
using name_handle = base::owned<X509_NAME, X509_NAME_free>;
using extension_handle = base::owned<X509_EXTENSION, X509_EXTENSION_free>;
using time_handle = base::owned<ASN1_TIME, ASN1_TIME_free>;
using object_handle = base::owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using pkcs7_handle = base::owned<PKCS7, PKCS7_free>;

}  // namespace crypto
