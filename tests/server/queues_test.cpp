// Queues' settings, purges and statistics, in the program itself.
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>

using namespace errand::test;
using nlohmann::json;

namespace {

json get(httplib::Client& client, const std::string& path) {
  const auto answer = client.Get(path);
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body);
}

json post(httplib::Client& client, const std::string& path) {
  const auto answer = client.Post(path, "", "application/json");
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body);
}

} // namespace

TEST_CASE("what the file says of a queue holds until a client says otherwise") {
  const temp_folder folder;
  const auto serve = [&](const std::string& config) {
    std::ofstream(folder.file("errand.toml")) << config;
    return std::make_unique<server_process>(
        ERRAND_PROGRAM,
        std::vector<std::string>{"serve", "--config", folder.file("errand.toml"), "--store",
                                 "sqlite:" + folder.file("errand.db")},
        folder.file("log"));
  };
  {
    const auto server = serve("[queues.mail]\nconcurrency = 4\n[queues.sms]\nweight = 2\n");
    auto client = server->client();
    CHECK(get(client, "/v1/queues/mail").at("concurrency") == 4);
    CHECK(get(client, "/v1/queues/sms").at("weight") == 2);
    REQUIRE(client.Put("/v1/queues/sms", R"({"weight":3})", "application/json")->status == 200);
  }
  const auto server = serve("[queues.mail]\nconcurrency = 5\nrate = {limit = 9, per_s = 0.5}\n");
  auto client = server->client();
  CHECK(get(client, "/v1/queues/mail").at("concurrency") == 5);
  CHECK(get(client, "/v1/queues/mail").at("rate") == json{{"limit", 9}, {"per_s", 0.5}});
  CHECK(get(client, "/v1/queues/sms").at("weight") == 3);
}

TEST_CASE("statistics count what was done, and a purge deletes what was not begun") {
  const temp_folder folder;
  server_process server(ERRAND_PROGRAM, {"serve", "--store", "sqlite:" + folder.file("errand.db")},
                        folder.file("log"));
  auto client = server.client();
  for (int i = 0; i < 20; ++i)
    REQUIRE(submit(client, {{"kind", "noop"}, {"queue", "mail"}}));
  for (int i = 0; i < 5; ++i)
    REQUIRE(submit(client, {{"kind", "noop"}, {"queue", "mail"}, {"delay_s", 3600}}));
  REQUIRE(eventually(
      [&] { return get(client, "/v1/queues/mail").at("last_minute").at("succeeded") == 20; }));
  auto stats = get(client, "/v1/stats");
  CHECK(stats.at("counts").at("succeeded") == 20);
  CHECK(stats.at("counts").at("scheduled") == 5);
  CHECK(stats.at("oldest_queued_age_s").is_null());
  CHECK(stats.at("last_hour").at("submitted") == 25);
  CHECK(stats.at("last_hour").at("started") == 20);
  CHECK(stats.at("wait_s").at("count") == 20);
  CHECK(stats.at("run_s").at("count") == 20);
  CHECK(stats.at("run_s").at("p99") < 5);
  CHECK(stats.at("commit_s").at("count") > 0);
  CHECK(stats.at("connections") >= 1);
  REQUIRE(stats.at("queues").size() == 1);
  CHECK(stats.at("queues")[0].at("name") == "mail");
  CHECK(post(client, "/v1/queues/mail/purge") == json{{"matched", 5}});
  stats = get(client, "/v1/stats");
  CHECK(stats.at("counts").at("scheduled") == 0);
  CHECK(stats.at("counts").at("succeeded") == 20);
  // Whoever waits for their ends is told so, if not before the purge is answered.
  CHECK(eventually([&] { return get(client, "/v1/stats").at("last_hour").at("cancelled") == 5; }));
}
