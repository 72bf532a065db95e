// A file size limit stands in for a disk that fills up: submits are refused, nothing else suffers.

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <sys/resource.h>

using namespace errand::test;
using nlohmann::json;

namespace {

void limit_files(const server_process& server, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  REQUIRE(prlimit(server.pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
}

int readiness(httplib::Client& client) {
  const auto answer = client.Get("/readyz");
  return answer ? answer->status : 0;
}

size_t times(const std::string& what, const std::string& text) {
  size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

} // namespace

TEST_CASE("a full disk refuses submits with 503, reads go on, and room ends it without a restart") {
  temp_folder folder;
  server_process server{ERRAND_PROGRAM,
                        {"serve", "--store", "sqlite:" + folder.file("tasks.db"), "--workers", "2"},
                        folder.file("log")};
  auto client = server.client();
  const auto running = submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 0.5}}}});
  REQUIRE(running);
  const auto id = (*running)["id"].get<std::string>();
  REQUIRE(eventually([&] { return get_task(client, id)["state"] == "running"; }));

  limit_files(server, 4096);
  const json spec{{"kind", "echo"}, {"args", std::string(20'000, 'x')}};
  const auto refused = client.Post("/v1/tasks", spec.dump(), "application/json");
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->get_header_value("Content-Type") == "application/problem+json");
  CHECK_FALSE(refused->get_header_value("Retry-After").empty());
  CHECK(json::parse(refused->body)["type"] == "/problems/store-full");

  // A commit that changes nothing succeeds on a full disk, and tells nothing.
  for (int i = 0; i < 20; ++i)
    CHECK(readiness(client) == 503);
  CHECK(times("takes writes again", server.log()) == 0);
  CHECK(times("refuses to write", server.log()) == 1);

  CHECK(list_all(client, "").size() == 1);
  CHECK(get_task(client, id)["id"] == id);

  // The handler ends while nothing can be written: its outcome must not get lost.
  REQUIRE(eventually([&] { return server.log().find("\"yes\"") != std::string::npos; }));
  CHECK(get_task(client, id)["state"] == "running");

  limit_files(server, RLIM_INFINITY);
  std::optional<json> accepted;
  CHECK(eventually([&] { return (accepted = submit(client, spec)).has_value(); }));
  CHECK(eventually([&] { return get_task(client, id)["state"] == "succeeded"; }));
  CHECK(eventually([&] { return get_task(client, (*accepted)["id"])["state"] == "succeeded"; }));
  CHECK(list_all(client, "").size() == 2);
  CHECK(readiness(client) == 200);
  CHECK(times("takes writes again", server.log()) == 1);
}
