#include "http/json_codec.hpp"
#include "http/redaction.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;

TEST_CASE("values of the names are hidden wherever they stand, whatever they are", "[redaction]") {
  const redaction hidden({"password", "Card"});
  struct row {
    std::string args, shown;
  };
  const auto r = GENERATE(values<row>({
      {"{}", "{}"},
      {R"({"password":"x"})", R"({"password":"[redacted]"})"},
      {R"({"PassWord":"x","a":1})", R"({"PassWord":"[redacted]","a":1})"},
      {R"({"a":[{"card":{"no":[1,{"b":2}]},"z":3}]})", R"({"a":[{"card":"[redacted]","z":3}]})"},
      {R"({"password":[],"x":[]})", R"({"password":"[redacted]","x":[]})"},
      {R"({"password":null,"card":1.5})", R"({"password":"[redacted]","card":"[redacted]"})"},
      {R"({"a":"password"})", R"({"a":"password"})"},
      {R"(["password","x"])", R"(["password","x"])"},
      {R"("password")", R"("password")"},
      {R"({"password2":1,"my_password":2})", R"({"password2":1,"my_password":2})"},
      {R"({"pass\u0077ord":"x"})", R"({"password":"[redacted]"})"},
      {R"({"n":[123456789012345678901234567890,1.50,-0,1e2],"card":1})",
       R"({"n":[123456789012345678901234567890,1.50,0,1e2],"card":"[redacted]"})"},
      {R"({"s":"\"\\\n","b":[true,false,null],"card":"x"})",
       R"({"s":"\"\\\n","b":[true,false,null],"card":"[redacted]"})"},
      {R"({"password":)", R"("[redacted]")"},
  }));
  CHECK(hidden.shown(r.args) == r.shown);
}

TEST_CASE("with nothing to hide args stay as they are", "[redaction]") {
  CHECK(redaction{}.shown(R"({"password":"\u0041"})") == R"({"password":"\u0041"})");
}

TEST_CASE("a task is shown without what is hidden of its args, alone and in lists", "[redaction]") {
  const redaction hidden({"password"});
  task row;
  row.spec.args_json = R"({"password":"s3cret","to":"a"})";
  for (const auto& text : {encode_task(row, hidden, true), encode_page({row}, hidden, {})}) {
    CHECK(text.find("s3cret") == std::string::npos);
    CHECK(text.find(R"({"password":"[redacted]","to":"a"})") != std::string::npos);
  }
}

TEST_CASE("an error about JSON quotes no string of it", "[redaction]") {
  for (const auto* body : {R"({"kind":"echo","args":{"password":"s3cret})",
                           R"({"kind":"echo","args":{"password" "s3cret"}})",
                           R"({"kind":"echo","args":{"password":"s3cret\q"}})"}) {
    const auto decoded = decode_spec(body);
    REQUIRE(std::holds_alternative<problem>(decoded));
    CHECK(std::get<problem>(decoded).detail.find("s3cret") == std::string::npos);
    CHECK(std::get<problem>(decoded).detail.starts_with("At byte "));
  }
}
