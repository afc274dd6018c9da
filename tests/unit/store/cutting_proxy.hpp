#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace store_test {

/// Passes PostgreSQL's protocol on from one unix socket to another, and cuts a client off at the
/// first COMMIT after arm().
class cutting_proxy {
public:
    enum class cut {
        before_commit,  ///< COMMIT is not passed on: the transaction ends with the session
        after_commit,   ///< COMMIT is passed on and answered; the answer is not
        late_commit,    ///< COMMIT arrives only after the client, on a new connection, tried again
    };

    /// `folder` gets the socket that clients use.
    cutting_proxy(std::string folder, std::string server_folder);
    ~cutting_proxy();
    cutting_proxy(const cutting_proxy&) = delete;
    cutting_proxy& operator=(const cutting_proxy&) = delete;

    /// `after` runs when the cut is done and before the client can be back. Not with late_commit.
    void arm(cut how, std::function<void()> after = {});
    unsigned cuts() const { return cuts_; }

    /// Nobody gets through from now on, once they are cut off.
    void refuse_clients() { refusing_ = true; }

    /// Replaces a text in what clients send by another one as long, before they connect: a server
    /// that does not know it.
    void replace(std::string from, std::string by);

private:
    struct session {
        int client = -1, server = -1;
        std::string held;  ///< a COMMIT that is passed on later
    };

    void serve();
    void accept_client();
    bool pass_to_server(session& s);
    bool pass_to_client(session& s);
    void cut_off(session& s, const std::string& bytes);
    void release_held();

    const std::string server_path_;
    int listener_ = -1, stop_ = -1;
    std::list<session> sessions_;
    std::function<void()> after_;
    cut how_ = cut::before_commit;
    std::atomic<bool> armed_ = false;
    std::atomic<unsigned> cuts_ = 0;
    std::atomic<bool> refusing_ = false;
    std::vector<std::pair<std::string, std::string>> replaced_;
    std::thread thread_;
};

}  // namespace store_test
