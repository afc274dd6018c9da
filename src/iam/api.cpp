#include "iam/api.hpp"

#include <map>

#include "iam/operation.hpp"
#include "sts/audit.hpp"
#include "sts/caller.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using type = sts::session::type;

/// IAM serves no federated users, and sessions of a user only with MFA (IAM User Guide, "Compare
/// AWS STS credentials").
bool is_served(const sts::caller& by) {
    if (!by.through) return true;
    return by.through->kind == type::assumed_role || by.through->kind == type::assumed_root;
}

class query_api final : public sts::api {
public:
    query_api(change_port& port, const key_usage* usage) : port_(port), usage_(usage) {
        for (const auto& part : {
                 user_operations(),
                 role_operations(),
                 role_change_operations(),
                 managed_policy_operations(),
                 policy_version_operations(),
                 policy_entity_operations(),
                 instance_profile_operations(),
                 user_tag_operations(),
                 access_key_operations(),
                 absent_credential_operations(),
                 group_operations(),
                 group_membership_operations(),
                 inline_policy_operations(),
                 attached_policy_operations(),
                 account_operations(),
                 authorization_detail_operations(),
                 simulation_operations(),
             }) {
            for (const operation_row& one : part)
                rows_.emplace(one.row.name, &one);
        }
    }

    std::string_view service() const override { return "iam"; }
    std::string_view xml_namespace() const override {
        return "https://iam.amazonaws.com/doc/2010-05-08/";
    }
    std::string_view version() const override { return iam_version; }
    const sts::action_row* find(std::string_view name, std::string_view version) const override {
        if (!version.empty() && version != iam_version) return nullptr;
        const auto found = rows_.find(name);
        return found == rows_.end() ? nullptr : &found->second->row;
    }

    sts::action_result perform(const sts::action_row& row, const sts::call& made,
                               const sts::parameters& given) const override {
        const operation_row& what = *rows_.find(row.name)->second;
        audit_record::record record = sts::begin_record(made, row.name);
        record.event_source = "iam.amazonaws.com";
        record.read_only = what.read_only;
        if (!is_served(made.by))
            return sts::conclude(made, std::move(record),
                                 sts::wire_error("InvalidClientTokenId",
                                                 "The security token included in the request is "
                                                 "invalid"));
        sts::action_result outcome =
            what.read_only ? read(what, made, given, record) : write(what, made, given, record);
        return sts::conclude(made, std::move(record), std::move(outcome));
    }

private:
    sts::action_result read(const operation_row& what, const sts::call& made,
                            const sts::parameters& given, audit_record::record& record) const {
        const auto now = port_.current();
        auto outcome = decide(what, made, given, *now, record);
        if (!outcome) return outcome.error();
        return std::move(outcome->answer);
    }

    /// Permission and change are decided on one estate: what the caller may do by it, or whether
    /// there still is such a caller, can differ from what was found when the call came in.
    operation_result decide(const operation_row& what, const sts::call& made,
                            const sts::parameters& given, const directory& now,
                            audit_record::record& record) const {
        auto by = sts::known_again(made.by, now, made.keys, made.options.partition);
        if (!by) return by.error();
        const sts::call newest{made.options,         now,         made.keys,       made.random,
                               made.audit,           made.now,    std::move(*by),  made.origin,
                               made.request_id,      made.region, made.user_agent, made.host,
                               made.sessions_trusted};
        operation_call call{newest, given, now, newest.by.principal.account, record, usage_};
        return what.perform(call);
    }

    sts::action_result write(const operation_row& what, const sts::call& made,
                             const sts::parameters& given, audit_record::record& record) const {
        // A change stays when its answer is withheld because its record was lost.
        if (!made.audit.open()) return sts::not_recorded();
        std::vector<sts::result_node> answer;
        const auto change = [&](const directory& now) -> base::result<changes> {
            record.additional.clear();
            record.request_parameters.clear();
            auto outcome = decide(what, made, given, now, record);
            if (!outcome) return outcome.error();
            answer = std::move(outcome->answer);
            return std::move(outcome->changes);
        };
        if (const auto done = port_.change(change); !done) {
            // What the store says of itself is for its operators.
            if (done.error().code.empty())
                return sts::wire_error("ServiceUnavailable",
                                       "The change could not be stored. Please try again later.");
            return done.error();
        }
        record.response_elements = sts::shown_result_nodes(answer);
        return answer;
    }

    change_port& port_;
    const key_usage* usage_;
    std::map<std::string_view, const operation_row*> rows_;
};

}  // namespace

std::unique_ptr<sts::api> make_api(change_port& port, const key_usage* usage) {
    return std::make_unique<query_api>(port, usage);
}

}  // namespace iam
