// What becomes of ended tasks and of the file that held them, in the program itself.
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <filesystem>

using namespace errand::test;
using nlohmann::json;

namespace {

std::string submit_and_wait(httplib::Client& client, const json& spec) {
  const auto answer =
      client.Post("/v1/tasks", {{"Prefer", "wait=20"}}, spec.dump(), "application/json");
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body).at("id");
}

} // namespace

TEST_CASE("tasks whose time is over are deleted, and their space is given back") {
  const temp_folder folder;
  const auto file = folder.file("errand.db");
  std::vector<std::string> arguments{"serve", "--store", "sqlite:" + file};
  std::vector<std::string> succeeded;
  std::string failed;
  {
    server_process server(ERRAND_PROGRAM, arguments, folder.file("log"));
    auto client = server.client();
    const json big{{"kind", "echo"}, {"args", std::string(500'000, 'x')}};
    for (int i = 0; i < 20; ++i)
      succeeded.push_back(submit_and_wait(client, big));
    failed = submit_and_wait(client, {{"kind", "sleep"}, {"args", {{"seconds", "not a number"}}}});
    server.signal(SIGTERM);
    REQUIRE(server.wait_for_end());
  }
  const auto before = std::filesystem::file_size(file);
  REQUIRE(before > 20'000'000); // arguments and results

  arguments.insert(arguments.end(), {"--retain-succeeded", "0"});
  server_process server(ERRAND_PROGRAM, arguments, folder.file("log"));
  auto client = server.client();
  REQUIRE(eventually([&] { return get_task(client, succeeded.back()).is_null(); }));
  for (const auto& id : succeeded)
    CHECK(get_task(client, id).is_null());
  CHECK(get_task(client, failed).at("state") == "failed");
  CHECK(eventually([&] { return std::filesystem::file_size(file) < before / 2; }));
}
