// A whole server, watched from outside: its streams and a task's log tell what happened, in order.
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <mutex>
#include <thread>

using namespace errand::test;
using nlohmann::json;

namespace {

/// Reads a stream in a thread of its own until it ends.
class stream_reader {
public:
  stream_reader(httplib::Client client, const std::string& target,
                const httplib::Headers& headers = {})
      : client_(std::move(client)), thread_([this, target, headers] {
          client_.Get(target.c_str(), headers, [this](const char* data, size_t size) {
            const std::lock_guard lock{mutex_};
            text_.append(data, size);
            return !stop_;
          });
          ended_ = true;
        }) {}
  ~stream_reader() {
    stop_ = true;
    client_.stop();
    thread_.join();
  }

  std::string text() const {
    const std::lock_guard lock{mutex_};
    return text_;
  }
  bool shows(const std::string& part) const {
    return eventually([&] { return text().find(part) != std::string::npos; });
  }
  bool ends() const {
    return eventually([&] { return ended_.load(); });
  }

private:
  httplib::Client client_;
  mutable std::mutex mutex_;
  std::string text_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

/// "NAME DATA's key" of each event.
std::vector<std::string> events(const std::string& text, const char* key) {
  std::vector<std::string> all;
  for (size_t at = 0; (at = text.find("event: ", at)) != std::string::npos; ++at) {
    const auto name_end = text.find('\n', at);
    const auto data = text.find("data: ", name_end) + 6;
    const auto body = json::parse(text.substr(data, text.find('\n', data) - data));
    all.push_back(text.substr(at + 7, name_end - at - 7) + " " + body.value(key, json()).dump());
  }
  return all;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a task that says how far it is can be watched from its submit to its end") {
  temp_folder folder;
  server_process server{FAULTY_PROGRAM,
                        {"--store", "sqlite:" + folder.file("tasks.db"), "--workers", "2"},
                        folder.file("log")};
  stream_reader all{server.client(), "/v1/events?kind=talkative"};
  REQUIRE(all.shows("id: "));
  auto client = server.client();
  const auto task = submit(client, {{"kind", "talkative"}});
  REQUIRE(task);
  const auto id = (*task)["id"].get<std::string>();
  stream_reader log{server.client(), "/v1/tasks/" + id + "/log?follow=true"};
  CHECK(log.ends());
  CHECK(events(log.text(), "line")
        == strings{"log \"step 1\"", "log \"step 2\"", "log \"step 3\"", "end null"});
  CHECK(log.text().ends_with("data: {\"state\":\"succeeded\"}\n\n"));

  REQUIRE(all.shows("event: task.succeeded"));
  CHECK(events(all.text(), "message")
        == strings{"task.queued null", "task.running null", "task.progress \"step 1 of 3\"",
                   "task.progress \"step 2 of 3\"", "task.progress \"step 3 of 3\"",
                   "task.succeeded null"});
  CHECK(get_task(client, id)["progress"] == json{{"fraction", 1.0}, {"message", "step 3 of 3"}});
  const auto text = client.Get(("/v1/tasks/" + id + "/log").c_str());
  REQUIRE(text);
  CHECK(text->body.find(" #1 step 2\n") != std::string::npos);

  // Whoever comes back gets what came behind the event that it saw last.
  const auto seen = all.text();
  const auto first = seen.find("event: task.running");
  const auto last_id = seen.rfind("id: ", first) + 4;
  stream_reader again{
      server.client(),
      "/v1/events?kind=talkative",
      {{"Last-Event-ID", seen.substr(last_id, seen.find('\n', last_id) - last_id)}}};
  REQUIRE(again.shows("event: task.succeeded"));
  CHECK(events(again.text(), "state").size() == 4);
  CHECK(again.text().find("event: gap") == std::string::npos);

  server.signal(SIGTERM);
  CHECK(all.ends());
  CHECK(again.ends());
  CHECK(server.wait_for_end() == 0);
}

TEST_CASE("after a restart a reader that comes back is told of a gap, and ids still grow") {
  temp_folder folder;
  const std::vector<std::string> arguments{"--store", "sqlite:" + folder.file("tasks.db")};
  std::string id;
  {
    server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
    stream_reader all{server.client(), "/v1/events"};
    REQUIRE(all.shows("id: "));
    auto client = server.client();
    REQUIRE(submit(client, {{"kind", "noop"}}));
    REQUIRE(all.shows("event: task.succeeded"));
    const auto text = all.text();
    const auto at = text.rfind("id: ") + 4;
    id = text.substr(at, text.find('\n', at) - at);
    server.kill();
  }
  server_process server{FAULTY_PROGRAM, arguments, folder.file("log")};
  stream_reader again{server.client(), "/v1/events", {{"Last-Event-ID", id}}};
  REQUIRE(again.shows("id: "));
  CHECK(again.text().starts_with("event: gap\n"));
  const auto text = again.text();
  CHECK(std::stoull(text.substr(text.find("id: ") + 4)) > std::stoull(id));
}
