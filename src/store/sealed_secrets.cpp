#include "store/sealed_secrets.hpp"

#include "iam/codec.hpp"
#include "sts/session/stored_secret.hpp"

namespace store {

namespace {

/// Opens nothing: looks at who sealed.
class key_reader final : public iam::secret_box {
public:
    std::string seal(std::string_view, std::string_view, const base::secret&) override {
        return {};
    }
    base::result<base::secret> open(std::string_view, std::string_view,
                                    std::string_view sealed) override {
        if (const auto key = sts::stored_secret_key(sealed)) keys.insert(*key);
        return base::secret();
    }

    std::set<std::uint16_t> keys;
};

}  // namespace

std::vector<sealed_row> sealed_rows(const loaded& all) {
    std::vector<sealed_row> out;
    for (const row& one : all.rows) {
        iam::entity_kind kind{};
        if (!iam::parse_entity_kind(one.kind, kind)) continue;
        key_reader reader;
        if (!iam::decode(kind, one.body, reader) || reader.keys.empty()) continue;
        out.push_back({kind, one.id, std::move(reader.keys)});
    }
    return out;
}

}  // namespace store
