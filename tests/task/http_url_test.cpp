// Which URLs the server may be told to call.
#include "task/http_url.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

TEST_CASE("a URL that the server may call is absolute, of http or https, and names a host") {
  for (const auto* url : {"http://a", "https://example.com/hook?x=1#y", "HTTPS://Example.COM:8443/",
                          "http://[::1]:80/a@b", "http://127.0.0.1?x=@", "http://a/%20"}) {
    INFO(url);
    CHECK_FALSE(http_url_fault(url));
  }
  for (const auto* url : {"",
                          "example.com",
                          "/hook",
                          "//example.com/",
                          "ftp://example.com/",
                          "file:///etc/passwd",
                          "http:example.com",
                          "http:/example.com",
                          "http://",
                          "http:///path",
                          "http://?x",
                          "http://:80/",
                          "http://a b/",
                          "http://a/\r\nX: y",
                          "http://a/\xc3\xa4",
                          "http://user@a/",
                          "http://u:p@a/",
                          "http://a@b:80",
                          "http://a\\@b/",
                          "http://a\\b",
                          "httpss://a",
                          "http://a/\x7f"}) {
    INFO(url);
    CHECK(http_url_fault(url));
  }
}

TEST_CASE("a URL has up to 2048 bytes") {
  const std::string start = "http://a/";
  CHECK_FALSE(http_url_fault(start + std::string(max_url_size - start.size(), 'x')));
  const auto fault = http_url_fault(start + std::string(max_url_size - start.size() + 1, 'x'));
  REQUIRE(fault);
  CHECK(fault->starts_with("has 2049 bytes; it must be an absolute http or https URL"));
}

TEST_CASE("what is wrong with a URL is told without the secrets in it") {
  CHECK(http_url_fault("http://me:secret@a/")->find("secret") == std::string::npos);
  CHECK(http_url_fault("ftp://a/b?token=secret")
        == "is \"ftp://a/b\"; it must be " + std::string(http_url_rule));
  CHECK(without_query("https://a/b?c=d#e") == "https://a/b");
  CHECK(without_query("https://a/b#e?") == "https://a/b");
}
