/* Requests from standard input, as package_test.py writes them:
 *
 *   NOW DIALECT SERVICE KEY_ID TOKEN|- DATE REGION KEY_HEX|- METHOD TARGET BODY HEADERS\n
 *
 * (the last four are sizes and a count), the bytes of method, target and body, and for each header
 * NAME VALUE\n (sizes) and the bytes of both. */
#ifndef FRAME_H
#define FRAME_H

#include <imdsd/verifier.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct frame {
    int64_t now;
    int dialect;
    char service[65], key_id[129], token[8193], date[9], region[65], key[65];
    imdsd_request request;
};

static inline imdsd_text read_text(size_t size) {
    char* data = (char*)malloc(size + 1);
    imdsd_text out;
    if (data == NULL || fread(data, 1, size, stdin) != size) exit(3);
    out.data = data;
    out.size = size;
    return out;
}

/* 0 at the end of the input. */
static inline int read_frame(struct frame* out) {
    size_t method, target, body, count, i;
    imdsd_header* headers;
    if (scanf("%" SCNd64 " %d %64s %128s %8192s %8s %64s %64s %zu %zu %zu %zu", &out->now,
              &out->dialect, out->service, out->key_id, out->token, out->date, out->region,
              out->key, &method, &target, &body, &count) != 12)
        return 0;
    if (getchar() != '\n') exit(3);
    out->request.method = read_text(method);
    out->request.target = read_text(target);
    out->request.body = read_text(body);
    headers = (imdsd_header*)calloc(count + 1, sizeof *headers);
    if (headers == NULL) exit(3);
    for (i = 0; i < count; ++i) {
        size_t name, value;
        if (scanf("%zu %zu", &name, &value) != 2 || getchar() != '\n') exit(3);
        headers[i].name = read_text(name);
        headers[i].value = read_text(value);
    }
    out->request.headers = headers;
    out->request.header_count = count;
    return 1;
}

static inline void free_frame(struct frame* in) {
    size_t i;
    for (i = 0; i < in->request.header_count; ++i) {
        free((void*)in->request.headers[i].name.data);
        free((void*)in->request.headers[i].value.data);
    }
    free((void*)in->request.headers);
    free((void*)in->request.method.data);
    free((void*)in->request.target.data);
    free((void*)in->request.body.data);
}

#endif
