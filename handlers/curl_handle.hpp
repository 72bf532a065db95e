// libcurl's handles as objects: a client that keeps its connections from one transfer to the next,
// and a pool of them, so that workers share those. A transfer runs on the thread of its handler and
// can be stopped in the middle, also while the other side stays silent.
#pragma once

#include <chrono>
#include <curl/curl.h>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// A list of texts as libcurl takes them: headers, recipients.
class curl_texts {
public:
  void add(const std::string& text);

  /// Null if there are none. Must outlive the transfer.
  curl_slist* get() const { return list_.get(); }

private:
  struct freer {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, freer> list_;
};

/// One transfer at a time, of whatever protocol. Keeps connections, names that it resolved and TLS
/// sessions for the next. To be used by one thread at a time; throws std::runtime_error if libcurl
/// has no memory or does not know an option.
class curl_client {
public:
  curl_client();
  ~curl_client() { hang_up(); }

  /// Forgets all options and sets those of every transfer: no signals, no proxy but one that is
  /// set, descriptors that programs started meanwhile don't inherit.
  void reset();

  CURL* easy() const { return easy_.get(); }

  /// curl_easy_setopt(), with the type that the option wants (long for numbers). What a pointer
  /// points to must outlive the transfer.
  template <class Value>
  void set(CURLoption option, Value value) {
    check(option, (curl_easy_setopt)(easy_.get(), option, value));
  }

  /// Runs the transfer that the options describe; blocks until its end. `should_stop` is asked
  /// about every 50 ms and when something happens: nothing is returned if it ended the transfer.
  std::optional<CURLcode> run(const std::function<bool()>& should_stop);

  /// Cuts the connections that are kept. libcurl says goodbye to a mail server
  /// before it closes a connection, and would wait for the answer for two minutes; and it keeps one
  /// that failed while the server had a mail, so that the next mail would get that one's answer.
  void hang_up();

private:
  static void check(CURLoption option, CURLcode code);

  struct easy_freer {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct multi_freer {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  static curl_socket_t open_socket(void* client, curlsocktype, curl_sockaddr* address);
  static int close_socket(void* client, curl_socket_t socket);

  std::vector<curl_socket_t> sockets_;        ///< That are open.
  std::unique_ptr<CURLM, multi_freer> multi_; ///< Owns the connections.
  std::unique_ptr<CURL, easy_freer> easy_;    ///< Goes first.
};

/// Clients for any number of threads; the one that was used last goes first, so that connections
/// stay warm. Those that nobody has used for a minute are closed with the next use of another.
class curl_pool {
public:
  /// A client for as long as the lease lives; the pool must outlive it.
  class lease {
  public:
    lease(curl_pool& pool, std::unique_ptr<curl_client> client)
        : pool_(pool), client_(std::move(client)) {}
    ~lease() { pool_.give_back(std::move(client_)); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;

    curl_client& operator*() const { return *client_; }
    curl_client* operator->() const { return client_.get(); }

  private:
    curl_pool& pool_;
    std::unique_ptr<curl_client> client_;
  };

  /// A client that was reset(). Throws as curl_client does.
  lease take();

private:
  struct resting {
    std::unique_ptr<curl_client> client;
    std::chrono::steady_clock::time_point since;
  };

  void give_back(std::unique_ptr<curl_client> client);

  std::mutex mutex_;
  std::deque<resting> resting_; ///< The one used last at the back.
};

} // namespace errand
