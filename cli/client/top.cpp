// `errand top`: the server at work, redrawn every second; without a terminal one snapshot.
#include "cli/client/command_set.hpp"
#include "cli/client/screen.hpp"
#include "cli/client/top_view.hpp"

namespace errand::client {

namespace {

constexpr std::chrono::seconds period{1};

snapshot ask_all(const session& s) {
  // The first page of queues has more than fits on any screen.
  return {s.server.get("/v1/stats").value,
          value_of(s.server.get("/v1/queues?limit=1000").value, "queues"),
          s.server.get("/v1/workers").value};
}

view_options view_of(const session& s, const std::string& trouble) {
  return {s.server.url(), trouble, system_now(), columns_of(s.out_terminal()),
          s.out_terminal().has_colours};
}

int show_always(session& s, snapshot data) {
  screen all(s);
  std::string trouble;
  for (;;) {
    all.show(top_text(data, view_of(s, trouble)) + "\nq ends this\n");
    if (all.wait_for_key(period) == 'q')
      return exit_done;
    try {
      data = ask_all(s);
      trouble.clear();
    } catch (const failure& f) {
      if (f.told.empty())
        throw; // nobody sees us any more
      trouble = f.told.front();
    }
  }
}

int top(session& s) {
  auto data = ask_all(s);
  if (s.as_json)
    s.print_json(json{{"stats", data.stats}, {"queues", data.queues}, {"workers", data.workers}});
  else if (s.out_terminal().moves_cursor)
    return show_always(s, std::move(data));
  else
    s.print(top_text(data, view_of(s, "")));
  return exit_done;
}

} // namespace

void add_top(command_set& set) {
  set.add("top", "Watch the server work, until q or Ctrl-C. Without a terminal: once.", top);
}

} // namespace errand::client
