// Server-sent events, out of bytes in pieces of any size.

#include "tests/support/catch.hpp"

#include "cli/client/event_stream.hpp"

#include <string>
#include <vector>

using namespace errand::client;

namespace {

using shown = std::vector<std::string>;

/// "id/name/data" of each event in `bytes`, given in pieces of `size`.
shown events_in(const std::string& bytes, size_t size) {
  shown result;
  event_parser parser([&](const stream_event& event) {
    result.push_back(event.id + '/' + event.name + '/' + event.data);
    return true;
  });
  for (size_t i = 0; i < bytes.size(); i += size)
    parser.feed(std::string_view(bytes).substr(i, size));
  return result;
}

} // namespace

TEST_CASE("events are read whatever the pieces they come in") {
  struct row {
    std::string bytes;
    shown events;
  };
  const auto r = GENERATE(values<row>({
      {"id: 1\nevent: a\ndata: x\n\n", {"1/a/x"}},
      {"id:1\r\nevent:a\r\ndata:x\r\n\r\nid: 2\r\ndata: y\r\n\r\n", {"1/a/x", "2//y"}},
      {"data: x\r\rdata: y\r\r", {"//x", "//y"}},
      {"data: a\ndata:  b\ndata\n\n", {"//a\n b\n"}},
      {": comment\n\nid: 7\n\ndata: x\n\n", {"7//x"}}, // an id without an event counts
      {"event: a\n\ndata: x\n\n", {"//x"}},            // no data, no event
      {"retry: 5\nother: 1\ndata: x\n\n", {"//x"}},
      {"data: cut", {}},
  }));
  for (const size_t size : {1u, 2u, 3u, 100u})
    CHECK(events_in(r.bytes, size) == r.events);
}

TEST_CASE("after a new connection a half event is forgotten, and the last id is not") {
  shown events;
  event_parser parser([&](const stream_event& event) {
    events.push_back(event.id + '/' + event.name + '/' + event.data);
    return true;
  });
  parser.feed("id: 1\n\nevent: a\ndata: x\nda");
  parser.reset();
  CHECK(parser.last_id() == "1");
  parser.feed("data: y\n\n");
  CHECK(events == shown{"1//y"});
}

TEST_CASE("the handler ends the stream") {
  int count = 0;
  event_parser parser([&](const stream_event&) { return ++count < 2; });
  CHECK(parser.feed("data: 1\n\n"));
  CHECK_FALSE(parser.feed("data: 2\n\ndata: 3\n\n"));
  CHECK(count == 2);
}
