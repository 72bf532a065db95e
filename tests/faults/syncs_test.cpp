// What a power cut would take cannot be tried here; whether an answer waits for the disk can.
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

using namespace errand::test;
using nlohmann::json;

namespace {

constexpr int submits = 10;

/// `errand serve` with the syncs of its store counted.
class counted_server {
public:
  explicit counted_server(const std::string& durability)
      : process_("/usr/bin/env", arguments(durability), folder_.file("log")) {}

  size_t syncs() const {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(folder_.file("syncs"), none_yet);
    return none_yet ? 0 : size;
  }

  server_process& process() { return process_; }

private:
  std::vector<std::string> arguments(const std::string& durability) const {
    std::filesystem::create_directory(folder_.file("store"));
    const char* given = std::getenv("ASAN_OPTIONS");
    // Or a sanitized program refuses to start behind another library.
    const auto asan = std::string(given ? given : "") + ":verify_asan_link_order=0";
    return {"ASAN_OPTIONS=" + asan,
            "LD_PRELOAD=" SYNC_COUNTER,
            "SYNCS_FOLDER=" + std::filesystem::canonical(folder_.file("store")).string(),
            "SYNCS_FILE=" + folder_.file("syncs"),
            ERRAND_PROGRAM,
            "serve",
            "--store",
            "sqlite:" + folder_.file("store/errand.db"),
            "--durability",
            durability};
  }

  temp_folder folder_;
  server_process process_;
};

/// A task that does nothing else to the store for now.
json later() {
  return {{"kind", "noop"}, {"delay_s", 3600}};
}

} // namespace

TEST_CASE("with durability commit each submit is on the disk before it is answered") {
  counted_server server("commit");
  auto client = server.process().client();
  REQUIRE(submit(client, later()));
  for (int i = 0; i < submits; ++i) {
    const auto before = server.syncs();
    REQUIRE(submit(client, later()));
    CHECK(server.syncs() > before);
  }
}

TEST_CASE("with durability relaxed no submit waits for the disk") {
  counted_server server("relaxed");
  auto client = server.process().client();
  REQUIRE(submit(client, later()));
  const auto before = server.syncs();
  for (int i = 0; i < submits; ++i)
    REQUIRE(submit(client, later()));
  CHECK(server.syncs() == before);
  // Its end is written through: that they were counted at all.
  server.process().signal(SIGTERM);
  CHECK(server.process().wait_for_end() == 0);
  CHECK(server.syncs() > before);
}
