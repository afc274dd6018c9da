#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace policy {

/// The facts of one request that conditions and variables may use. Keys are compared without regard
/// to case. A key is multivalued by its nature (aws:TagKeys), not by how many values it has.
class context {
public:
    struct attribute {
        std::string key;  ///< lower case
        std::vector<std::string> values;
        bool multivalued = false;
    };

    /// Replaces an earlier value. Bytes that are not UTF-8 become U+FFFD: values can come from
    /// header fields, and the matcher relies on well-formed text.
    void set(std::string_view key, std::string_view value);
    /// A key without values counts as absent.
    void set_many(std::string_view key, const std::vector<std::string>& values);

    /// `lower_key` must be lower case already.
    const attribute* find(std::string_view lower_key) const;
    const std::vector<attribute>& all() const { return attributes_; }

private:
    attribute& slot(std::string_view key);

    std::vector<attribute> attributes_;
};

}  // namespace policy
