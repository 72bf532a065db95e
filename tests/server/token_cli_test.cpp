// `errand token new`.

#include "tests/server/settings_of_file.hpp"
#include "tests/support/catch.hpp"

#include "cli/cli.hpp"
#include "http/tokens.hpp"

#include <sstream>

using namespace errand;
using errand::test::load;

namespace {

struct answer {
  int exit_status;
  std::string out, err;
};

answer run(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  const auto status = run_cli({std::move(arguments), {{"ERRAND_PORT", "no port"}}, out, err});
  return {status, out.str(), err.str()};
}

} // namespace

TEST_CASE("a new token is printed alone, and what the server needs beside it") {
  const auto [status, out, err] =
      run({"token", "new", "--name", "web.app", "--scope", "submit", "read"});
  CHECK(status == exit_done);
  REQUIRE(out.size() > 20);
  const auto token = out.substr(0, out.size() - 1);
  CHECK(out.back() == '\n');
  CHECK(is_token_text(token));
  CHECK(err.find(token) == std::string::npos);

  const auto loaded = load(err);
  CHECK(loaded.errors.empty());
  const auto& known = loaded.options.tokens.at("web.app");
  CHECK(known.hash == to_string(hash_of_token(token)));
  CHECK(known.scopes == std::vector<std::string>{"submit", "read"});
}

TEST_CASE("scopes may have commas between them, or flags of their own") {
  for (const auto& arguments : {std::vector<std::string>{"--scope", "submit,work"},
                                std::vector<std::string>{"--scope", "submit", "--scope=work"}}) {
    std::vector<std::string> all{"token", "new", "--name", "a"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto [status, out, err] = run(all);
    CHECK(status == exit_done);
    CHECK(err.find("scopes = [\"submit\", \"work\"]\n") != std::string::npos);
  }
}

TEST_CASE("a scope that is named twice is printed once") {
  const auto [status, out, err] =
      run({"token", "new", "--name", "a", "--scope", "read", "submit", "read"});
  CHECK(status == exit_done);
  CHECK(err.find("scopes = [\"read\", \"submit\"]\n") != std::string::npos);
  const auto json = run({"token", "new", "--name", "a", "--json", "--scope", "read,read"});
  CHECK(json.out.find(R"("scopes":["read"])") != std::string::npos);
}

TEST_CASE("without a name, a scope, or with wrong ones no token is made") {
  struct row {
    std::vector<std::string> arguments;
    std::vector<std::string> told;
  };
  const auto r = GENERATE(values<row>({
      {{"token", "new"}, {"--name is missing", "--scope is missing"}},
      {{"token", "new", "--name", "a b", "--scope", "write"},
       {"--name \"a b\" can't be a token's name", "--scope is \"write\", but must be"}},
      {{"token", "new", "--name", "a", "--scope", "read", "--colour", "blue"}, {"--colour: "}},
      {{"token", "old"}, {"\"old\": token takes no such argument"}},
  }));
  const auto [status, out, err] = run(r.arguments);
  INFO(err);
  CHECK(status == exit_usage);
  CHECK(out.empty());
  for (const auto& told : r.told)
    CHECK(err.find(told) != std::string::npos);
}

TEST_CASE("token alone tells what there is") {
  const auto [status, out, err] = run({"token"});
  CHECK(status == exit_done);
  CHECK(out.find("new") != std::string::npos);
  CHECK(out.find("Usage: errand token ") != std::string::npos);
}
