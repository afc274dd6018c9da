#pragma once

// The C interface (verifier.h, which says what everything means) with owners that free themselves.
// C++17; nothing to link but the C library.

#include <cstdint>
#include <imdsd/verifier.h>
#include <memory>
#include <string_view>

namespace imdsd {

struct deleter {
    void operator()(imdsd_verifier* p) const noexcept { imdsd_verifier_free(p); }
    void operator()(imdsd_claim* p) const noexcept { imdsd_claim_free(p); }
    void operator()(imdsd_call* p) const noexcept { imdsd_call_free(p); }
    void operator()(imdsd_grant* p) const noexcept { imdsd_grant_free(p); }
};
using verifier = std::unique_ptr<imdsd_verifier, deleter>;
using claim = std::unique_ptr<imdsd_claim, deleter>;
using call = std::unique_ptr<imdsd_call, deleter>;
using grant = std::unique_ptr<imdsd_grant, deleter>;

/// What came of a function: null `value` unless `status` is IMDSD_OK.
template <class T>
struct outcome {
    imdsd_status status = IMDSD_INTERNAL;
    imdsd_error error{};
    T value{};
    explicit operator bool() const noexcept { return status == IMDSD_OK; }
};

inline imdsd_text text(std::string_view from) noexcept {
    return {from.data(), from.size()};
}
inline std::string_view view(imdsd_text from) noexcept {
    return {from.data, from.size};
}

/// `options.struct_size` is set here.
inline outcome<verifier> make_verifier(imdsd_verifier_options options) noexcept {
    options.struct_size = sizeof options;
    outcome<verifier> out;
    imdsd_verifier* made = nullptr;
    out.status = imdsd_verifier_new(&options, &made, &out.error);
    out.value.reset(made);
    return out;
}

inline outcome<claim> read_claim(const verifier& with, const imdsd_request& request,
                                 std::int64_t now) noexcept {
    outcome<claim> out;
    imdsd_claim* made = nullptr;
    out.status = imdsd_claim_read(with.get(), &request, now, &made, &out.error);
    out.value.reset(made);
    return out;
}

/// `options.struct_size` is set here.
inline outcome<call> make_call(const claim& about, imdsd_call_options options,
                               std::int64_t now) noexcept {
    options.struct_size = sizeof options;
    outcome<call> out;
    imdsd_call* made = nullptr;
    out.status = imdsd_call_new(about.get(), &options, now, &made, &out.error);
    out.value.reset(made);
    return out;
}

inline outcome<grant> read_grant(const claim& about, int http_status, std::string_view body,
                                 std::int64_t now) noexcept {
    outcome<grant> out;
    imdsd_grant* made = nullptr;
    out.status = imdsd_grant_read(about.get(), http_status, text(body), now, &made, &out.error);
    out.value.reset(made);
    return out;
}

/// IMDSD_OK, and nothing else, means that the request may be served.
inline imdsd_status check(const verifier& with, const imdsd_request& request, const grant& by,
                          std::int64_t now, imdsd_error* error = nullptr) noexcept {
    return imdsd_verifier_check(with.get(), &request, by.get(), now, error);
}

}  // namespace imdsd
