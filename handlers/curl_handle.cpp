#include "handlers/curl_handle.hpp"

#include <new>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace errand {

namespace {

/// A task that is cancelled ends within 100 ms.
constexpr int look_up_ms = 50;

/// Of one client. It talks to one server at a time, and a redirect may lead to others.
constexpr long connections_kept = 4;

constexpr std::chrono::minutes rest_max{1};

void init_once() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK)
    throw std::runtime_error(std::string("libcurl can't start: ") + curl_easy_strerror(done));
}

void check_multi(CURLMcode code) {
  if (code != CURLM_OK)
    throw std::runtime_error(std::string("libcurl: ") + curl_multi_strerror(code));
}

} // namespace

void curl_texts::add(const std::string& text) {
  auto* longer = curl_slist_append(list_.get(), text.c_str());
  if (!longer)
    throw std::bad_alloc{};
  static_cast<void>(list_.release()); // the same list, longer
  list_.reset(longer);
}

curl_client::curl_client() {
  init_once();
  multi_.reset(curl_multi_init());
  easy_.reset(curl_easy_init());
  if (!multi_ || !easy_)
    throw std::bad_alloc{};
  check_multi(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, connections_kept));
}

void curl_client::reset() {
  curl_easy_reset(easy_.get());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, ""); // else the environment's
  set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  set(CURLOPT_CLOSESOCKETDATA, this);
#if LIBCURL_VERSION_NUM >= 0x075700
  set(CURLOPT_QUICK_EXIT, 1L); // else a stop waits for the resolver
#endif
}

curl_socket_t curl_client::open_socket(void* client, curlsocktype, curl_sockaddr* address) {
  const int opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (opened >= 0)
    static_cast<curl_client*>(client)->sockets_.push_back(opened);
  return opened;
}

int curl_client::close_socket(void* client, curl_socket_t socket) {
  std::erase(static_cast<curl_client*>(client)->sockets_, socket);
  return close(socket);
}

void curl_client::hang_up() {
  for (const auto each : sockets_)
    shutdown(each, SHUT_RDWR);
}

void curl_client::check(CURLoption option, CURLcode code) {
  if (code != CURLE_OK)
    throw std::runtime_error("libcurl refuses option " + std::to_string(option) + ": "
                             + curl_easy_strerror(code));
}

std::optional<CURLcode> curl_client::run(const std::function<bool()>& should_stop) {
  check_multi(curl_multi_add_handle(multi_.get(), easy_.get()));
  const auto remove = [this](CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); };
  const std::unique_ptr<CURL, decltype(remove)> added{easy_.get(), remove};
  for (int running = 1;;) {
    check_multi(curl_multi_perform(multi_.get(), &running));
    if (running == 0)
      break;
    if (should_stop())
      return std::nullopt;
    check_multi(curl_multi_poll(multi_.get(), nullptr, 0, look_up_ms, nullptr));
  }
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_.get(), &left))
    if (message->msg == CURLMSG_DONE)
      return message->data.result;
  return CURLE_RECV_ERROR; // ended and did not say how
}

curl_pool::lease curl_pool::take() {
  std::unique_ptr<curl_client> client;
  {
    const std::lock_guard lock{mutex_};
    if (!resting_.empty()) {
      client = std::move(resting_.back().client);
      resting_.pop_back();
    }
  }
  if (!client)
    client = std::make_unique<curl_client>();
  client->reset();
  return {*this, std::move(client)};
}

void curl_pool::give_back(std::unique_ptr<curl_client> client) {
  curl_easy_reset(client->easy()); // its options may point to what ends with the transfer
  const auto now = std::chrono::steady_clock::now();
  std::vector<resting> old; // closed behind the lock
  const std::lock_guard lock{mutex_};
  resting_.push_back({std::move(client), now});
  while (now - resting_.front().since > rest_max) {
    old.push_back(std::move(resting_.front()));
    resting_.pop_front();
  }
}

} // namespace errand
