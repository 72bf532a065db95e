// Actors of a program beside the server's. PROOFREADER is a worker: it runs tasks of the kind
// "proofread". PUBLISHER publishes a text for whoever asks it: it submits the task, follows what
// becomes of it, and answers with the result.
#include <errand/actors.hpp>
#include <errand/errand.hpp>

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <iostream>

namespace {

errand::WorkerActor::behavior_type proofreader(errand::WorkerActor::pointer) {
  return {[](errand::run_atom, const errand::Attempt& task) -> caf::result<errand::TaskResult> {
    const auto& text = task->args();
    if (!text.is_string())
      return errand::attempt_error(errand::PermanentError{"the args must be a text"});
    task->progress(0.5, "halfway");
    const auto words = text.get<std::string>();
    return errand::TaskResult{1 + std::count(words.begin(), words.end(), ' ')};
  }};
}

/// Takes a text, and answers with how many words it has.
using Publisher = caf::typed_actor<caf::replies_to<errand::submit_atom, std::string>::with<int>,
                                   caf::reacts_to<errand::event_atom, errand::Event>>;

Publisher::behavior_type publisher(Publisher::pointer self, errand::TasksActor tasks) {
  self->link_to(tasks); // to exit when the server stops
  self->request(tasks, caf::infinite, errand::subscribe_atom_v,
                errand::EventFilter{.kind = "proofread"}, errand::EventListener{Publisher{self}})
      .then([](uint64_t) {});
  return {
      [self, tasks](errand::submit_atom, const std::string& text) {
        auto answer = self->make_response_promise<int>();
        const auto fail = [answer](caf::error& why) mutable { answer.deliver(why); };
        self->request(tasks, caf::infinite, errand::submit_atom_v,
                      errand::TaskSpec{.kind = "proofread", .args = text})
            .then(
                [=](const errand::TaskId& id) {
                  self->request(tasks, caf::infinite, errand::wait_atom_v, id)
                      .then(
                          [answer](const errand::Task& task) mutable {
                            answer.deliver(task.result.get<int>());
                          },
                          fail);
                },
                fail);
        return answer;
      },
      [](errand::event_atom, const errand::Event& event) {
        std::cout << event.type << ' ' << event.kind << std::endl;
      },
  };
}

} // namespace

int main() try {
  auto options = errand::load_options();
  options.pools["desk"] = {.kinds = {"proofread"}};
  errand::TaskServer server{options};
  server.start();
  server.spawn_worker("desk", proofreader);
  int words = 0;
  {
    const auto publishing = server.system().spawn(publisher, server.tasks());
    caf::scoped_actor self{server.system()};
    self->request(publishing, std::chrono::seconds(30), errand::submit_atom_v, "it is all right")
        .receive([&](int answer) { words = answer; },
                 [](const caf::error& why) { throw errand::request_error(why); });
  }
  std::cout << words << " words" << std::endl;
  return server.stop() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
