#pragma once

#include <stdexcept>
#include <vector>

#include <boost/json/array.hpp>

#include "admin/daemon_control.hpp"

namespace admin_test {

/// Notes what it is asked, answers with what the test put in.
class fake_daemon final : public admin::daemon_control {
public:
    boost::json::object status() override {
        ++calls;
        if (broken) throw std::runtime_error("secret inner text");
        return status_answer;
    }
    boost::json::object whoami(const admin::peer& who) override {
        ++calls;
        peers.push_back(who);
        return {{"allowed", true}, {"steps", boost::json::array{"rule 1: user=other"}}};
    }
    boost::json::object explain(const admin::explain_query& query) override {
        ++calls;
        queries.push_back(query);
        return {{"allowed", false}};
    }
    base::result<boost::json::object> identity() override {
        ++calls;
        if (!identity_ready) return base::unavailable("the keys are being made");
        return boost::json::object{{"certificates", boost::json::array{}}};
    }
    boost::json::object reload() override {
        ++calls;
        return {{"ok", reload_ok}};
    }
    boost::json::object environment(const admin::peer& who) override {
        ++calls;
        peers.push_back(who);
        return {{"allowed", true}};
    }
    boost::json::object environment_of(const admin::environment_query& query) override {
        ++calls;
        environments.push_back(query);
        return {{"allowed", true}};
    }
    boost::json::object events() override { return {{"events", boost::json::array()}}; }
    base::result<boost::json::object> add_event(const admin::peer& who,
                                                const admin::event_request& request) override {
        peers.push_back(who);
        added.push_back(request);
        return outcome();
    }
    base::result<boost::json::object> cancel_event(const admin::peer& who,
                                                   const std::string& id) override {
        peers.push_back(who);
        ended.push_back("cancel " + id);
        return outcome();
    }
    base::result<boost::json::object> complete_event(const admin::peer& who,
                                                     const std::string& id) override {
        peers.push_back(who);
        ended.push_back("complete " + id);
        return outcome();
    }
    base::result<boost::json::object> options(const std::string& profile) override {
        asked_options.push_back(profile);
        return outcome();
    }
    base::result<boost::json::object> change_options(
        const admin::peer& who, const admin::options_request& request) override {
        peers.push_back(who);
        changed.push_back(request);
        return outcome();
    }
    base::result<boost::json::object> keys() override { return outcome(); }
    base::result<boost::json::object> change_keys(const admin::peer& who,
                                                  const admin::key_request& request) override {
        peers.push_back(who);
        changed_keys.push_back(request);
        return outcome();
    }
    base::result<boost::json::object> revocations() override { return outcome(); }
    base::result<boost::json::object> revoke(const admin::peer& who,
                                             const admin::revoke_request& request) override {
        peers.push_back(who);
        revoked.push_back(request);
        return outcome();
    }
    bool ready() override { return is_ready; }

    base::result<boost::json::object> outcome() const {
        ++calls;
        if (refusal) return *refusal;
        return boost::json::object{{"done", true}};
    }

    mutable int calls = 0;
    bool broken = false;
    bool reload_ok = true;
    bool identity_ready = true;
    bool is_ready = true;
    boost::json::object status_answer{{"version", "1"}};
    std::vector<admin::peer> peers;
    std::vector<admin::explain_query> queries;
    std::vector<admin::environment_query> environments;
    std::optional<base::error> refusal;  ///< of changes
    std::vector<admin::event_request> added;
    std::vector<std::string> ended;
    std::vector<std::string> asked_options;
    std::vector<admin::options_request> changed;
    std::vector<admin::key_request> changed_keys;
    std::vector<admin::revoke_request> revoked;
};

}  // namespace admin_test
