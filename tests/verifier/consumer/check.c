/* A service in C that has scoped keys already: one line "STATUS CODE" for each request. */
#include <imdsd/verifier.h>
#include <stdio.h>
#include <string.h>

#include "frame.h"

static int from_hex(const char* text, uint8_t* out) {
    size_t i;
    for (i = 0; i < 32; ++i) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) return 0;
        out[i] = (uint8_t)byte;
    }
    return 1;
}

static imdsd_status check(const struct frame* in, imdsd_error* error) {
    imdsd_verifier_options options;
    imdsd_scoped_key key;
    imdsd_verifier* verifier;
    imdsd_grant* grant;
    imdsd_status status;
    uint8_t bytes[32];

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.service = in->service;
    options.dialect = in->dialect;
    status = imdsd_verifier_new(&options, &verifier, error);
    if (status != IMDSD_OK) return status;

    memset(&key, 0, sizeof key);
    key.struct_size = sizeof key;
    if (!from_hex(in->key, bytes)) return IMDSD_BAD_ARGUMENT;
    key.key = bytes;
    key.access_key_id = in->key_id;
    key.session_token = strcmp(in->token, "-") == 0 ? NULL : in->token;
    key.date = in->date;
    key.region = in->region;
    key.service = in->service;
    key.good_until = in->now + 60;
    status = imdsd_grant_from_key(&key, &grant, error);
    if (status == IMDSD_OK)
        status = imdsd_verifier_check(verifier, &in->request, grant, in->now, error);
    imdsd_grant_free(grant);
    imdsd_verifier_free(verifier);
    return status;
}

int main(void) {
    struct frame in;
    while (read_frame(&in)) {
        imdsd_error error;
        const imdsd_status status = check(&in, &error);
        printf("%d %s\n", (int)status, status == IMDSD_OK ? "" : error.code);
        free_frame(&in);
    }
    return 0;
}
