// Bytes of strangers through the framing and httplib's process_request to the routes, twice: as
// they are, and cut in two. The first two bytes say where. Whatever comes, both ways must tell the
// same, and httplib must be able to read what the framing accepts.
#include "http/framing.hpp"
#include "http/health_routes.hpp"
#include "http/ingress_routes.hpp"
#include "http/task_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/silent_logger.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace errand;

/// Small, so that short inputs reach them.
constexpr framing_limits limits{600, 200, 300};

struct all_routes : router {
  all_routes() : router(std::make_shared<test::silent_logger>()) {
    add_task_routes(*this, known_kinds({"sleep", "noop"}), std::make_shared<const redaction>());
    add_health_routes(*this, "1");
    ingress_route sleep;
    sleep.path = "/sleep";
    sleep.spec.kind = "sleep";
    sleep.args = std::get<args_template>(
        args_template::parse(R"({"q":{"$query":"q","default":1},"b":{"$body":true}})"));
    add_ingress_routes(*this, {sleep});
  }
};

router& routes() {
  static all_routes all;
  return all;
}

[[noreturn]] void fail(const char* why, const std::string& transcript) {
  std::fprintf(stderr, "%s\n%s\n", why, transcript.c_str());
  std::abort();
}

/// What a request says, and what the routes make of it.
std::string told(const http_request& request) {
  std::string text{to_string(request.method)};
  text.append(" ").append(request.target).append(request.keep_alive ? " keep" : " close");
  for (const auto& header : request.headers)
    text.append("\n").append(header.name).append("=").append(header.value);
  text.append("\n").append(request.body).append("\n");
  test::recording_link link;
  const auto result = routes().route(request, link, test::open_gate);
  if (const auto* made = std::get_if<reply>(&result)) {
    text += std::to_string(made->status);
    text += made->body;
    if (made->status >= 500)
      fail("a route failed, or httplib can't read what the framing accepted", text);
    std::string written;
    reply_writer{[] { return timestamp{}; }}.write(*made, {}, written);
    const auto head = written.substr(0, written.find("\r\n\r\n"));
    for (size_t at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1))
      if (head[at - 1] != '\r')
        fail("a response's head has a line that ends in LF alone", written);
  }
  for (const auto& asked : link.take())
    text.append(" ").append(asked);
  return text + "\n--\n";
}

/// A connection: one request after the other, until the bytes or the patience end.
class connection {
public:
  void receive(std::string_view bytes) {
    while (!bytes.empty() && parser_.now() == request_parser::progress::needs_more) {
      // A copy of its own lets the sanitizer see a read beyond the end.
      const std::string copy{bytes};
      const size_t used = parser_.feed(copy);
      if (used > bytes.size())
        fail("the framing took more than there was", transcript_);
      bytes.remove_prefix(used);
      if (parser_.now() == request_parser::progress::whole) {
        transcript_ += told(parser_.request());
        parser_.reset();
      } else if (parser_.now() == request_parser::progress::needs_more && !bytes.empty()) {
        fail("the framing left bytes and wants more", transcript_);
      }
    }
  }

  std::string transcript() const {
    if (parser_.now() != request_parser::progress::refused)
      return transcript_ + (parser_.has_begun() ? "begun" : "");
    return transcript_ + std::to_string(parser_.why().status) + parser_.why().detail;
  }

private:
  request_parser parser_{limits};
  std::string transcript_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2)
    return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  const size_t cut = (data[0] * size_t{256} + data[1]) % (bytes.size() + 1);
  connection whole;
  whole.receive(bytes);
  connection parts;
  parts.receive(bytes.substr(0, cut));
  parts.receive(bytes.substr(cut));
  if (whole.transcript() != parts.transcript())
    fail("a cut makes a difference", whole.transcript() + "\n==== cut:\n" + parts.transcript());
  return 0;
}
