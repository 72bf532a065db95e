// What errand.toml and the environment say of tokens.

#include "tests/server/settings_of_file.hpp"
#include "tests/support/catch.hpp"

#include "server/access_setup.hpp"
#include "server/settings.hpp"
#include "server/token_options.hpp"

using namespace errand;
using errand::test::load;

namespace {

using strings = std::vector<std::string>;

const std::string hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string other_hash = to_string(hash_of_token("abd"));

} // namespace

TEST_CASE("tokens are read, and each opens what its scopes say") {
  const auto loaded =
      load("[tokens.web]\nhash = \"" + hash + "\"\nscopes = [\"submit\", \"read\"]\n"
               + "[tokens.\"a/b\"]\nscopes = [\"admin\"]\nhash = \"" + other_hash + "\"\n",
           "0123456789abcdef");
  CHECK(loaded.errors == strings{});
  CHECK(wrong_options(loaded.options).empty());
  const auto setup = make_access_setup(loaded.options);
  REQUIRE(setup.tokens.size() == 3);
  CHECK(setup.tokens[0].name == "a/b");
  CHECK(setup.tokens[1].name == "web");
  CHECK(setup.tokens[1].scopes == scope_set{scope::read, scope::submit});
  CHECK(setup.tokens[1].hash == hash_of_token("abc"));
  CHECK(setup.tokens[2].name == "ERRAND_TOKEN");
  CHECK(setup.tokens[2].scopes == scope_set{scope::admin});
  CHECK(setup.tokens[2].hash == hash_of_token("0123456789abcdef"));
}

TEST_CASE("what is wrong with a token is told with its place, and never with the token") {
  struct row {
    std::string text, error;
  };
  const auto h = "hash = \"" + hash + "\"\n";
  const std::string hash_rule =
      "\"sha256:\" and 64 hexadecimal digits, as `errand token new` prints it";
  const std::string scopes_rule =
      "an array of 1 or more of \"read\", \"submit\", \"work\" and \"admin\"";
  const auto r = GENERATE_COPY(values<row>({
      {"tokens = 1", "1:10: tokens must be a table: a line [tokens.NAME] with a name for the"
                     " token, and below it hash and scopes"},
      {"tokens.web = \"errand_s3cret\"",
       "1:14: tokens.NAME must be a table: a line [tokens.NAME] with a name for the token, and"
       " below it hash and scopes"},
      {"[tokens.web]\nhash = \"errand_s3cret\"\nscopes = [\"read\"]",
       "2:8: tokens.web.hash is another string, but must be " + hash_rule},
      {"[tokens.web]\nhash = 1\nscopes = [\"read\"]",
       "2:8: tokens.web.hash is 1, but must be " + hash_rule},
      {"[tokens.web]\n" + h + "scopes = []",
       "3:10: tokens.web.scopes is an array, but must be " + scopes_rule},
      {"[tokens.web]\n" + h + "scopes = [\"write\"]",
       "3:10: tokens.web.scopes is an array, but must be " + scopes_rule},
      {"[tokens.web]\n" + h, "2:1: tokens.web.scopes is missing; it must be " + scopes_rule},
      {"[tokens.web]\nscopes = [\"read\"]",
       "2:1: tokens.web.hash is missing; it must be " + hash_rule},
      {"[tokens.web]\n" + h + "scopes = [\"read\"]\nscope = \"read\"",
       "4:1: there is no setting tokens.web.scope; did you mean tokens.web.scopes?"},
      {"[tokens.ERRAND_TOKEN]\n" + h + "scopes = [\"read\"]",
       "2:1: tokens.ERRAND_TOKEN can't be a token's name: it is that of the token in the variable"
       " ERRAND_TOKEN; choose another"},
      {"[tokens.\"a b\"]\n" + h + "scopes = [\"read\"]",
       "2:1: tokens.\"a b\" can't be a token's name: it must be 1 to 128 of A-Z, a-z, 0-9 and"
       " ._:/-"},
  }));
  INFO(r.text);
  CHECK(load(r.text).errors == strings{"f:" + r.error});
}

// Whose scopes such a token had was a matter of the order of names: "read" could use "admin".
TEST_CASE("a token that is configured twice is refused, and both of its names are told") {
  const auto twice = "[tokens.boss]\nhash = \"" + hash + "\"\nscopes = [\"admin\"]\n"
                     + "[tokens.\"a.b\"]\nhash = \"" + hash + "\"\nscopes = [\"read\"]\n";
  const std::string told = "tokens.boss.hash is that of tokens.\"a.b\", so both are the same token;"
                           " make another with `errand token new`";
  const auto loaded = load(twice);
  CHECK(loaded.errors == strings{"f:2:8: " + told});
  CHECK(wrong_options(loaded.options) == strings{"option " + told});

  const std::string token = "0123456789abcdef";
  const auto in_both = load("[tokens.web]\nscopes = [\"read\"]\nhash = \""
                                + to_string(hash_of_token(token)) + "\"\n",
                            token);
  REQUIRE(in_both.errors.size() == 1);
  CHECK(in_both.errors[0].starts_with("f:3:8: tokens.web.hash is that of ERRAND_TOKEN"));
  CHECK(in_both.errors[0].find(token) == std::string::npos);
  CHECK(wrong_options(in_both.options).size() == 1);
}

TEST_CASE("a token in the environment that can be guessed is refused, and not shown") {
  const auto errors = load("", "s3cret").errors;
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("ERRAND_TOKEN has 6 characters, which can be guessed"));
  for (const auto& wrong : {std::string("0123456789 abcdef"),
                            std::string("0123456789\x7f"
                                        "abcdef"),
                            std::string(1025, 'x')}) {
    const auto told = load("", wrong).errors;
    REQUIRE(told.size() == 1);
    CHECK(told[0].find(wrong) == std::string::npos);
  }
}

TEST_CASE("settings printed as TOML have tokens' hashes, and no token") {
  const auto first =
      load("[tokens.web]\nhash = \"" + hash + "\"\nscopes = [\"submit\"]\n", "0123456789abcdef");
  const auto printed = to_toml(first);
  INFO(printed);
  CHECK(printed.find("0123456789abcdef") == std::string::npos);
  CHECK(printed.find("ERRAND_TOKEN") != std::string::npos);
  const auto second = load(printed);
  CHECK(second.errors == strings{});
  CHECK(second.options.tokens.at("web").hash == hash);
  CHECK(second.options.tokens.at("web").scopes == strings{"submit"});
}

TEST_CASE("tokens that a program sets are checked like those of a file") {
  Options options;
  options.token = "short";
  options.tokens["web"] = {"s3cret-token", {}};
  const auto wrong = wrong_options(options);
  REQUIRE(wrong.size() == 3);
  CHECK(wrong[0].starts_with("option tokens.web.hash must be \"sha256:\""));
  CHECK(wrong[1].starts_with("option tokens.web.scopes must be an array"));
  CHECK(wrong[2].starts_with("option token has 5 characters"));
  for (const auto& line : wrong)
    CHECK(line.find("s3cret") == std::string::npos);
}
