// An order for thousands of tasks, in the program itself.
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <thread>

using namespace errand::test;
using nlohmann::json;

namespace {

json order(httplib::Client& client, const std::string& what, const json& body) {
  const auto answer = client.Post("/v1/tasks/" + what, body.dump(), "application/json");
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body).at("matched");
}

} // namespace

TEST_CASE("an order for thousands reaches every one, and submits go on meanwhile") {
  constexpr int many = 3000;
  const temp_folder folder;
  server_process server(
      ERRAND_PROGRAM,
      {"serve", "--durability", "relaxed", "--store", "sqlite:" + folder.file("errand.db")},
      folder.file("log"));
  auto client = server.client();
  const json spec{{"kind", "noop"}, {"delay_s", 3600}, {"tags", {{"old", "yes"}}}};
  for (int i = 0; i < many; ++i)
    REQUIRE(submit(client, spec));
  const auto running =
      submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 30}}}, {"tags", {{"old", "yes"}}}});
  REQUIRE(running);

  std::atomic<bool> over = false;
  std::atomic<int> accepted = 0;
  std::thread submitting{[&] {
    auto other = server.client();
    while (!over)
      if (submit(other, {{"kind", "noop"}, {"delay_s", 3600}}))
        ++accepted;
  }};
  const auto cancelled = order(client, "cancel", {{"filter", {{"tag.old", "yes"}}}});
  over = true;
  submitting.join();
  CHECK(cancelled == many + 1);
  CHECK(accepted > 0);
  CHECK(list_all(client, "state=scheduled&tag.old=yes").empty());
  CHECK(list_all(client, "state=cancelled&tag.old=yes").size() >= many);
  CHECK(list_all(client, "state=scheduled").size() == static_cast<size_t>(accepted));

  // Its handler was told, too.
  const auto ended = client.Get("/v1/tasks/" + running->at("id").get<std::string>() + "?wait_s=20");
  REQUIRE(ended);
  CHECK(json::parse(ended->body).at("state") == "cancelled");
  CHECK(order(client, "delete", {{"filter", {{"state", "cancelled"}}}}) == many + 1);
  CHECK(list_all(client, "tag.old=yes").empty());
}
