#include "tests/http/framing_cases.hpp"

namespace errand::test {

namespace {

/// A POST with these header lines, and a body.
std::string with(const std::string& headers, const std::string& body = {}) {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

std::string line(const std::string& request_line) {
  return request_line + "\r\nHost: h\r\n\r\n";
}

std::string chunked(const std::string& chunks) {
  return with("Transfer-Encoding: chunked\r\n", chunks);
}

std::string host(const std::string& value) {
  return "GET / HTTP/1.1\r\nHost:" + value + "\r\n\r\n";
}

} // namespace

std::vector<good_request> good_requests() {
  return {
      {"the shortest", "GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
      {"an ordinary one", line("GET /v1/tasks?limit=2 HTTP/1.1"), "GET", "/v1/tasks?limit=2", ""},
      {"a body", with("Content-Length: 5\r\n", "hello"), "POST", "/p", "hello"},
      {"an empty body", with("Content-Length: 0\r\n"), "POST", "/p", ""},
      {"leading zeros", with("Content-Length: 0005\r\n", "hello"), "POST", "/p", "hello"},
      {"chunks", chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), "POST", "/p",
       "abc0123456789"},
      {"no chunk but the last", chunked("0\r\n\r\n"), "POST", "/p", ""},
      {"chunk extensions and trailers",
       chunked("3;a=b;c=\"d\"\r\nabc\r\n2 ;x\r\nde\r\n0;last\r\nX-Sum: 1\r\nY: \r\n\r\n"), "POST",
       "/p", "abcde"},
      {"chunk sizes in both cases", chunked("0a\r\n0123456789\r\n0B\r\n0123456789-\r\n00\r\n\r\n"),
       "POST", "/p", "01234567890123456789-"},
      {"the coding's name in capitals", with("transfer-ENCODING: Chunked\r\n", "0\r\n\r\n"), "POST",
       "/p", ""},
      {"absolute-form", line("GET http://example.org:80/a/b?c=d HTTP/1.1"), "GET", "/a/b?c=d", ""},
      {"absolute-form without a path", line("GET http://example.org HTTP/1.1"), "GET", "/", ""},
      {"absolute-form with a query alone", line("GET HTTPS://[::1]:8443?a HTTP/1.1"), "GET", "/?a",
       ""},
      {"the asterisk", line("OPTIONS * HTTP/1.1"), "OPTIONS", "*", ""},
      {"empty lines before", "\r\n\r\n" + line("GET / HTTP/1.1"), "GET", "/", ""},
      {"close", with("Connection: close\r\n"), "POST", "/p", "", false},
      {"close among others", with("Connection: x, CLOSE ,y\r\n"), "POST", "/p", "", false},
      {"two Connection headers", with("Connection: keep-alive\r\nConnection: close\r\n"), "POST",
       "/p", "", false},
      {"keep-alive in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/",
       ""},
      {"blanks around a value", with("X:  \t a b \t \r\n"), "POST", "/p", ""},
      {"an empty value", with("X:\r\nY: \r\n"), "POST", "/p", ""},
      {"bytes above 127 in a value", with("X: \xc3\xa9\xff\r\n"), "POST", "/p", ""},
      {"bytes above 127 in the target", line("GET /\xc3\xa9 HTTP/1.1"), "GET", "/\xc3\xa9", ""},
      {"several question marks", line("GET /a?b?c=d?e HTTP/1.1"), "GET", "/a?b?c=d?e", ""},
      {"Expect", with("Expect: 100-Continue\r\nContent-Length: 2\r\n", "ok"), "POST", "/p", "ok"},
      {"Expect from HTTP/1.0 is ignored", "GET / HTTP/1.0\r\nExpect: miracles\r\n\r\n", "GET", "/",
       "", false},
      {"identity coding of the content",
       with("Content-Encoding: identity\r\nContent-Length: 1\r\n", "x"), "POST", "/p", "x"},
      {"a content coding without content", with("Content-Encoding: gzip\r\n"), "POST", "/p", ""},
      {"an empty Host", host(""), "GET", "/", ""},
      {"a Host with a port", host(" example.org:8002"), "GET", "/", ""},
      {"an IPv6 Host", host(" [fe80::1]:80"), "GET", "/", ""},
      {"every method", line("PATCH /x HTTP/1.1"), "PATCH", "/x", ""},
  };
}

std::vector<bad_request> bad_requests() {
  return {
      // Smuggling.
      {"both lengths", with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       400, "both"},
      {"both lengths, the other way round",
       with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400, "both"},
      {"differing lengths", with("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400,
       "2 Content-Length"},
      {"equal lengths", with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400,
       "2 Content-Length"},
      {"a list of lengths", with("Content-Length: 5, 5\r\n", "hello"), 400, "5, 5"},
      {"a negative length", with("Content-Length: -1\r\n"), 400, "-1"},
      {"a length with a sign", with("Content-Length: +5\r\n", "hello"), 400, "+5"},
      {"a length in hexadecimal", with("Content-Length: 0x5\r\n", "hello"), 400, "0x5"},
      {"a length with a blank in it", with("Content-Length: 1 2\r\n"), 400, "1 2"},
      {"an empty length", with("Content-Length: \r\n"), 400, "Content-Length"},
      {"a length beyond 64 bits", with("Content-Length: 18446744073709551616\r\n"), 400,
       "18446744073709551616"},
      {"an unknown coding", with("Transfer-Encoding: gzip\r\n"), 400, "gzip"},
      {"a coding before chunked", with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400,
       "gzip, chunked"},
      {"chunked twice", with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400,
       "chunked, chunked"},
      {"chunked in two headers",
       with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400,
       "more than once"},
      {"identity", with("Transfer-Encoding: identity\r\n"), 400, "identity"},
      {"chunked with a parameter", with("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 400,
       "chunked;q=1"},
      {"an empty coding", with("Transfer-Encoding:\r\n"), 400, "Transfer-Encoding"},
      {"a vertical tab before chunked", with("Transfer-Encoding: \vchunked\r\n"), 400,
       "control character"},
      {"a transfer coding in HTTP/1.0",
       "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "HTTP/1.0"},
      // Lines.
      {"a bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, "LF"},
      {"a bare LF after a header", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, "LF"},
      {"a bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "LF"},
      {"a bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", 400, "target"},
      {"a bare CR in a value", with("X: a\rb\r\n"), 400, "control character"},
      {"two CRs before LF", with("X: a\r\r\n"), 400, "control character"},
      {"a bare CR instead of CR LF", "GET / HTTP/1.1\rHost: h\r\n\r\n", 400, "request line"},
      {"a folded value", with("X: a\r\n b\r\n"), 400, "second line"},
      {"a folded value, by a tab", with("X: a\r\n\tb\r\n"), 400, "second line"},
      {"a blank before the first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "second line"},
      {"a blank before the colon", with("X : a\r\n"), 400, "colon must come next"},
      {"a tab before the colon", with("Content-Length\t: 5\r\n", "hello"), 400,
       "colon must come next"},
      {"no colon", with("X\r\n"), 400, "no colon"},
      {"no name", with(": x\r\n"), 400, "no name"},
      {"NUL in a value", with(std::string("X: a\0b\r\n", 8)), 400, "control character"},
      {"DEL in a value", with("X: a\x7f\r\n"), 400, "control character"},
      {"a control character in a name", with("X\x01Y: a\r\n"), 400, "names can't have"},
      {"a separator in a name", with("X(Y): a\r\n"), 400, "names can't have"},
      {"a byte above 127 in a name", with("X\xc3\xa9: a\r\n"), 400, "names can't have"},
      // The request line.
      {"two spaces after the method", line("GET  / HTTP/1.1"), 400, "one space"},
      {"two spaces before the version", line("GET /  HTTP/1.1"), 400, "one space"},
      {"a space at the end", line("GET / HTTP/1.1 "), 400, "one space"},
      {"a space in the target", line("GET /a b HTTP/1.1"), 400, "one space"},
      {"a tab for a space", line("GET\t/ HTTP/1.1"), 400, "one space"},
      {"a space at the front", line(" GET / HTTP/1.1"), 400, "first byte"},
      {"no version", line("GET /"), 400, "one space"},
      {"no target", line("GET"), 400, "one space"},
      {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28), 400, "target"},
      {"a control character in the target", line("GET /\x01 HTTP/1.1"), 400, "target"},
      {"a fragment", line("GET /#a HTTP/1.1"), 400, "'#'"},
      {"a target without a slash", line("GET tasks HTTP/1.1"), 400, "begin with '/'"},
      {"the asterisk with GET", line("GET * HTTP/1.1"), 400, "begin with '/'"},
      {"another scheme", line("GET ftp://h/ HTTP/1.1"), 400, "begin with '/'"},
      {"absolute-form without a host", line("GET http:///a HTTP/1.1"), 400, "a host"},
      {"absolute-form with a user", line("GET http://u:p@h/ HTTP/1.1"), 400, "a host"},
      {"a method that is no token", line("G@T / HTTP/1.1"), 400, "token"},
      {"an unknown method", line("BREW / HTTP/1.1"), 501, "BREW"},
      {"a method in small letters", line("get / HTTP/1.1"), 501, "get"},
      {"CONNECT", line("CONNECT h:80 HTTP/1.1"), 501, "CONNECT"},
      {"TRACE", line("TRACE / HTTP/1.1"), 501, "TRACE"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2.0"},
      {"HTTP/1.2", line("GET / HTTP/1.2"), 505, "HTTP/1.2"},
      {"a version in small letters", line("GET / http/1.1"), 400, "http/1.1"},
      {"a version with another dot", line("GET / HTTP/1,1"), 400, "HTTP/1,1"},
      {"a version that is too long", line("GET / HTTP/1.10"), 400, "HTTP/1.10"},
      {"another protocol", line("GET / RTSP/1.0"), 400, "RTSP/1.0"},
      {"a TLS hello", std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11), 400, "TLS"},
      {"three empty lines before", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400,
       "request line"},
      {"an LF before", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "first byte"},
      // Host.
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "no Host"},
      {"two Hosts", with("Host: h\r\n"), 400, "2 Host"},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "2 Host"},
      {"a Host with a path", host(" h/p"), 400, "h/p"},
      {"a Host with a user", host(" u@h"), 400, "u@h"},
      {"a Host with a blank", host(" a b"), 400, "a b"},
      {"a list of Hosts", host(" a, b"), 400, "a, b"},
      {"a Host with letters for a port", host(" h:http"), 400, "h:http"},
      {"a Host with two ports", host(" h:1:2"), 400, "h:1:2"},
      {"a Host that is a port", host(" :80"), 400, ":80"},
      {"a Host with an open bracket", host(" [::1"), 400, "[::1"},
      {"a Host with a name in brackets", host(" [host]"), 400, "[host]"},
      // Bodies.
      {"a compressed body", with("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "abc"), 415,
       "gzip"},
      {"another expectation", with("Expect: 200-maybe\r\n"), 417, "200-maybe"},
      {"a chunk size that is no number", chunked("x\r\n"), 400, "hexadecimal"},
      {"no chunk size", chunked("\r\n"), 400, "hexadecimal"},
      {"a negative chunk size", chunked("-1\r\n"), 400, "hexadecimal"},
      {"a chunk size with 0x", chunked("0x1\r\na\r\n"), 400, "hexadecimal"},
      {"a chunk size beyond 64 bits", chunked("10000000000000000\r\n"), 400, "hexadecimal"},
      {"a blank before a chunk size", chunked(" 1\r\na\r\n"), 400, "hexadecimal"},
      {"a blank after a chunk size", chunked("1 \r\na\r\n"), 400, "extensions"},
      {"a bare CR in an extension", chunked("1;a\rb\r\na\r\n"), 400, "extensions"},
      {"a bare LF after a chunk size", chunked("1\na\r\n"), 400, "LF"},
      {"a bare LF after a chunk", chunked("1\r\na\n0\r\n\r\n"), 400, "CR LF"},
      {"a chunk that is longer than it says", chunked("1\r\nab\r\n0\r\n\r\n"), 400, "CR LF"},
      {"a bare LF in the trailers", chunked("0\r\nX: y\n\r\n"), 400, "LF"},
      {"a folded trailer", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400, "second line"},
      {"a trailer without a colon", chunked("0\r\nX\r\n\r\n"), 400, "no colon"},
  };
}

} // namespace errand::test
