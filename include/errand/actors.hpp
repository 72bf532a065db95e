// CAF actors of a program beside the server's: what they can be sent and what they are answered.
// Of these headers the only one, with actor_atoms.hpp that it includes, that shows CAF (0.17);
// programs without actors do not need it.
//
// Types of your own that messages carry are numbered from caf::id_block::errand_api::end on.
#pragma once

#include <errand/actor_atoms.hpp>
#include <errand/event.hpp>
#include <errand/server.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/replies_to.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>

#pragma GCC visibility push(default)
namespace errand {

/// One run of a task, for the worker that it was sent to: until that has answered, and from one
/// thread at a time, save for cancelled().
using Attempt = std::shared_ptr<TaskContext>;

/// What a worker's answer carries.
struct TaskResult {
  nlohmann::json value;
};

} // namespace errand

CAF_BEGIN_TYPE_ID_BLOCK(errand_api, caf::id_block::errand_words::end)
  CAF_ADD_TYPE_ID(errand_api, (errand::Attempt))
  CAF_ADD_TYPE_ID(errand_api, (errand::Event))
  CAF_ADD_TYPE_ID(errand_api, (errand::EventFilter))
  CAF_ADD_TYPE_ID(errand_api, (errand::Task))
  CAF_ADD_TYPE_ID(errand_api, (errand::TaskResult))
  CAF_ADD_TYPE_ID(errand_api, (errand::TaskSpec))
CAF_END_TYPE_ID_BLOCK(errand_api)

// They stay in the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::Attempt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::Event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::EventFilter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::Task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::TaskResult)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::TaskSpec)

namespace errand {

/// LISTENER: a program's actor that is told of events, one by one and in order.
using EventListener = caf::typed_actor<caf::reacts_to<event_atom, Event>>;

/// TASKS: what TaskServer's calls do, by message. It never blocks. What is refused is answered with
/// an error that request_error() understands. It exits with the server: link to it to exit, too.
using TasksActor = caf::typed_actor<
    // Add this task; the answer is its id, once it is durable (see TaskServer::submit).
    caf::replies_to<submit_atom, TaskSpec>::with<TaskId>,
    // The task as it is.
    caf::replies_to<get_atom, TaskId>::with<Task>,
    // The task once it has ended, however long that takes.
    caf::replies_to<wait_atom, TaskId>::with<Task>,
    // Cancel it; the answer is the task as it is then (see TaskServer::cancel).
    caf::replies_to<cancel_atom, TaskId>::with<Task>,
    // Send these events to that LISTENER, from now on and until it exits or leaves. The answer is
    // what this subscription is called.
    caf::replies_to<subscribe_atom, EventFilter, EventListener>::with<uint64_t>,
    // That subscription is over. What is under way to its LISTENER still arrives.
    caf::reacts_to<leave_atom, uint64_t>>;

/// WORKER of a program: runs attempts, one at a time. See TaskServer::spawn_worker().
using WorkerActor = caf::typed_actor<
    // Run this. The answer is the task's result, also by a promise and later. An error makes the
    // attempt failed: as attempt_error() says, and any other, such as one that another actor
    // answered, as if a handler had thrown its text. If the WORKER exits, the attempt counts as
    // crashed.
    caf::replies_to<run_atom, Attempt>::with<TaskResult>>;

} // namespace errand

CAF_BEGIN_TYPE_ID_BLOCK(errand_api_handles, caf::id_block::errand_api::end)
  CAF_ADD_TYPE_ID(errand_api_handles, (errand::EventListener))
CAF_END_TYPE_ID_BLOCK(errand_api_handles)

namespace errand {

/// What an error that TASKS answered says. CAF's own become `timed_out` and `stopped` where they
/// mean that, and otherwise `store_failed`.
RequestError request_error(const caf::error& why);

// What a WORKER answers in place of a result: the same as if a handler had thrown that.
caf::error attempt_error(const std::exception& failed);
caf::error attempt_error(const PermanentError& failed);
caf::error attempt_error(const CancelTask& cancelled);
caf::error attempt_error(const RetryLater& postponed);

/// For the members of TaskServer below.
struct ActorAccess {
  using Spawn = std::function<WorkerActor(caf::actor_system&)>;
  static TasksActor tasks(TaskServer& server);
  static void add_worker(TaskServer& server, const std::string& pool, Spawn spawn);
};

inline auto TaskServer::tasks() {
  return ActorAccess::tasks(*this);
}

template <class Behavior>
void TaskServer::spawn_worker(const std::string& pool, Behavior behavior) {
  ActorAccess::add_worker(*this, pool, [behavior](caf::actor_system& system) {
    return caf::actor_cast<WorkerActor>(system.spawn<caf::detached>(behavior));
  });
}

} // namespace errand
#pragma GCC visibility pop
