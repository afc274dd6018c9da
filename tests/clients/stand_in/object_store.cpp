#include "object_store.hpp"

#include <stdexcept>

#include <openssl/evp.h>

#include "encoding/base64.hpp"

namespace stand_in {

void object_store::create(const std::string& name) {
    const std::lock_guard lock(mutex_);
    buckets_.try_emplace(name);
}

std::vector<std::string> object_store::buckets() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const auto& [name, bucket] : buckets_)
        out.push_back(name);
    return out;
}

std::optional<object_store::bucket_index> object_store::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return std::nullopt;
    return found->second;
}

bool object_store::put(const std::string& name, const std::string& key, object what) {
    const std::lock_guard lock(mutex_);
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return false;
    found->second.objects[key] = std::make_shared<const object>(std::move(what));
    return true;
}

void object_store::erase(const std::string& name, const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = buckets_.find(name);
    if (found != buckets_.end()) found->second.objects.erase(key);
}

std::string object_store::start_upload(const std::string& bucket, const std::string& key,
                                       object properties) {
    const std::lock_guard lock(mutex_);
    std::string id = "upload-" + std::to_string(next_upload_++);
    uploads_[id] = {bucket, key, std::move(properties), {}};
    return id;
}

std::vector<std::pair<std::string, std::string>> object_store::uploads(
    const std::string& bucket) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [id, upload] : uploads_) {
        if (upload.bucket == bucket) out.emplace_back(upload.key, id);
    }
    return out;
}

std::optional<std::vector<object_store::part>> object_store::parts(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return std::nullopt;
    std::vector<part> out;
    for (const auto& [number, body] : found->second.parts)
        out.push_back({number, make_etag(body), body.size()});
    return out;
}

std::string object_store::put_part(const std::string& id, unsigned number, std::string body) {
    std::string etag = make_etag(body);
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return {};
    found->second.parts[number] = std::move(body);
    return etag;
}

std::optional<object> object_store::finish_upload(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end()) return std::nullopt;
    object out = std::move(found->second.properties);
    for (const auto& [number, body] : found->second.parts)
        out.body += body;
    // Not an MD5: S3 marks it so, and clients then do not compare.
    const std::string etag = make_etag(out.body);
    out.etag =
        etag.substr(0, etag.size() - 1) + "-" + std::to_string(found->second.parts.size()) + "\"";
    uploads_.erase(found);
    return out;
}

void object_store::drop_upload(const std::string& id) {
    const std::lock_guard lock(mutex_);
    uploads_.erase(id);
}

std::string make_etag(std::string_view body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(body.data(), body.size(), digest, &size, EVP_md5(), nullptr) != 1) {
        throw std::runtime_error("MD5 is not available");
    }
    return "\"" + encoding::hex({reinterpret_cast<const char*>(digest), size}) + "\"";
}

}  // namespace stand_in
