#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

/// A map from texts to shared values that is cheap to copy and to change a copy of: a change copies
/// one of its shards. For snapshots of many entries that change one by one. A const map is safe to
/// read from several threads; copies share nothing that either of them changes.
template <class Value>
class persistent_map {
public:
    using pointer = std::shared_ptr<const Value>;

    persistent_map() : shards_(std::make_shared<directory>()) {}

    /// Null: absent.
    const pointer& find(std::string_view key) const {
        static const pointer none;
        const shard* in = shard_of(key);
        if (in == nullptr) return none;
        const auto found = in->find(key);
        return found == in->end() ? none : found->second;
    }

    void set(std::string_view key, pointer value) { put(copied(key), key, std::move(value)); }

    void erase(std::string_view key) {
        if (find(key) == nullptr) return;
        shard& in = copied(key);
        in.erase(in.find(key));
        --size_;
    }

    /// Fills a new map, which is cheaper than changing one: nothing is copied.
    class loader {
    public:
        loader() = default;
        loader(const loader&) = delete;
        loader& operator=(const loader&) = delete;
        void set(std::string_view key, pointer value) {
            map_.put(map_.own(key), key, std::move(value));
        }
        const pointer& find(std::string_view key) const { return map_.find(key); }
        /// Once, at the end.
        persistent_map take() { return std::exchange(map_, persistent_map()); }

    private:
        persistent_map map_;
    };

    std::size_t size() const { return size_; }

    /// In no particular order: `call(const std::string& key, const pointer& value)`.
    template <class Call>
    void for_each(Call&& call) const {
        for (const auto& part : *shards_) {
            if (part == nullptr) continue;
            for (const auto& one : *part) {
                if (one == nullptr) continue;
                for (const auto& [key, value] : *one)
                    call(key, value);
            }
        }
    }

private:
    // Two levels of pointers, so that a change copies two short arrays and one shard.
    static constexpr std::size_t fan_out = 64;
    using shard = std::map<std::string, pointer, std::less<>>;
    using group = std::array<std::shared_ptr<shard>, fan_out>;
    using directory = std::array<std::shared_ptr<group>, fan_out>;

    static std::pair<std::size_t, std::size_t> place_of(std::string_view key) {
        const std::size_t hash = std::hash<std::string_view>{}(key);
        return {hash % fan_out, hash / fan_out % fan_out};
    }

    const shard* shard_of(std::string_view key) const {
        const auto [outer, inner] = place_of(key);
        const auto& found = (*shards_)[outer];
        return found == nullptr ? nullptr : (*found)[inner].get();
    }

    template <class Part>
    static Part& made(std::shared_ptr<Part>& part) {
        if (part == nullptr) part = std::make_shared<Part>();
        return *part;
    }
    template <class Part>
    static Part& copy(std::shared_ptr<Part>& part) {
        part = part == nullptr ? std::make_shared<Part>() : std::make_shared<Part>(*part);
        return *part;
    }

    shard& own(std::string_view key) {
        const auto [outer, inner] = place_of(key);
        return made(made((*shards_)[outer])[inner]);
    }
    /// Others may share what is there, so it is never changed in place.
    shard& copied(std::string_view key) {
        const auto [outer, inner] = place_of(key);
        return copy(copy(copy(shards_)[outer])[inner]);
    }

    void put(shard& in, std::string_view key, pointer value) {
        const auto [at, added] = in.insert_or_assign(std::string(key), std::move(value));
        static_cast<void>(at);
        size_ += added ? 1 : 0;
    }

    std::shared_ptr<directory> shards_;
    std::size_t size_ = 0;
};

}  // namespace base
