// Everything that can be said to an actor, in the order in which a task meets them.
#pragma once

#include "actors/message_values.hpp"

#include <errand/actor_atoms.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

// Behind those of programs, which errand/actors.hpp numbers.
CAF_BEGIN_TYPE_ID_BLOCK(errand, first_custom_type_id + 100)
  CAF_ADD_TYPE_ID(errand, (errand::answers_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::attempt_batch_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::attempt_note))
  CAF_ADD_TYPE_ID(errand, (errand::attempt_report))
  CAF_ADD_TYPE_ID(errand, (errand::claim_request))
  CAF_ADD_TYPE_ID(errand, (errand::claimed_attempts))
  CAF_ADD_TYPE_ID(errand, (errand::due_time))
  CAF_ADD_TYPE_ID(errand, (errand::duration))
  CAF_ADD_TYPE_ID(errand, (errand::event_filter))
  CAF_ADD_TYPE_ID(errand, (errand::facts_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::kept_reply_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::lease_claim))
  CAF_ADD_TYPE_ID(errand, (errand::lease_ends_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::lease_request_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::lease_signs_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::list_request))
  CAF_ADD_TYPE_ID(errand, (errand::notices_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::queue_list_request))
  CAF_ADD_TYPE_ID(errand, (errand::queue_order))
  CAF_ADD_TYPE_ID(errand, (errand::request_key_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::schedule_command))
  CAF_ADD_TYPE_ID(errand, (errand::schedule_list_request))
  CAF_ADD_TYPE_ID(errand, (errand::schedule_put_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::found_tasks_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::prune_request))
  CAF_ADD_TYPE_ID(errand, (errand::search_request))
  CAF_ADD_TYPE_ID(errand, (errand::log_request))
  CAF_ADD_TYPE_ID(errand, (errand::served_leases))
  CAF_ADD_TYPE_ID(errand, (errand::subscription))
  CAF_ADD_TYPE_ID(errand, (errand::task_batch_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::task_id))
  CAF_ADD_TYPE_ID(errand, (errand::task_order))
  CAF_ADD_TYPE_ID(errand, (errand::task_spec_ptr))
  CAF_ADD_TYPE_ID(errand, (errand::upkeep_progress))
  CAF_ADD_TYPE_ID(errand, (errand::worker_order_ptr))
  CAF_ADD_TYPE_ID(errand, (std::vector<errand::attempt_ref>))
  CAF_ADD_TYPE_ID(errand, (std::vector<errand::lease_token>))
  CAF_ADD_TYPE_ID(errand, (std::vector<errand::task_id>))
  CAF_ADD_TYPE_ID(errand, (std::vector<std::string>))

  CAF_ADD_ATOM(errand, errand, answer_atom, "answer")
  CAF_ADD_ATOM(errand, errand, claim_atom, "claim")
  CAF_ADD_ATOM(errand, errand, claimed_atom, "claimed")
  CAF_ADD_ATOM(errand, errand, close_atom, "close")
  CAF_ADD_ATOM(errand, errand, commit_atom, "commit")
  CAF_ADD_ATOM(errand, errand, done_atom, "done")
  CAF_ADD_ATOM(errand, errand, drain_atom, "drain")
  CAF_ADD_ATOM(errand, errand, due_atom, "due")
  CAF_ADD_ATOM(errand, errand, facts_atom, "facts")
  CAF_ADD_ATOM(errand, errand, fetch_atom, "fetch")
  CAF_ADD_ATOM(errand, errand, finish_atom, "finish")
  CAF_ADD_ATOM(errand, errand, follow_atom, "follow")
  CAF_ADD_ATOM(errand, errand, idle_atom, "idle")
  CAF_ADD_ATOM(errand, errand, keep_atom, "keep")
  CAF_ADD_ATOM(errand, errand, lease_atom, "lease")
  CAF_ADD_ATOM(errand, errand, leased_atom, "leased")
  CAF_ADD_ATOM(errand, errand, leases_atom, "leases")
  CAF_ADD_ATOM(errand, errand, list_atom, "list")
  CAF_ADD_ATOM(errand, errand, log_atom, "log")
  CAF_ADD_ATOM(errand, errand, logged_atom, "logged")
  CAF_ADD_ATOM(errand, errand, lose_atom, "lose")
  CAF_ADD_ATOM(errand, errand, mailbox_atom, "mailbox")
  CAF_ADD_ATOM(errand, errand, metrics_atom, "metrics")
  CAF_ADD_ATOM(errand, errand, note_atom, "note")
  CAF_ADD_ATOM(errand, errand, notices_atom, "notices")
  CAF_ADD_ATOM(errand, errand, order_atom, "order")
  CAF_ADD_ATOM(errand, errand, orders_atom, "orders")
  CAF_ADD_ATOM(errand, errand, overdue_atom, "overdue")
  CAF_ADD_ATOM(errand, errand, place_atom, "place")
  CAF_ADD_ATOM(errand, errand, probe_atom, "probe")
  CAF_ADD_ATOM(errand, errand, promote_atom, "promote")
  CAF_ADD_ATOM(errand, errand, prune_atom, "prune")
  CAF_ADD_ATOM(errand, errand, pruned_atom, "pruned")
  CAF_ADD_ATOM(errand, errand, queue_atom, "queue")
  CAF_ADD_ATOM(errand, errand, queues_atom, "queues")
  CAF_ADD_ATOM(errand, errand, refused_atom, "refused")
  CAF_ADD_ATOM(errand, errand, release_atom, "release")
  CAF_ADD_ATOM(errand, errand, schedule_atom, "schedule")
  CAF_ADD_ATOM(errand, errand, schedules_atom, "schedules")
  CAF_ADD_ATOM(errand, errand, search_atom, "search")
  CAF_ADD_ATOM(errand, errand, shrink_atom, "shrink")
  CAF_ADD_ATOM(errand, errand, start_atom, "start")
  CAF_ADD_ATOM(errand, errand, stats_atom, "stats")
  CAF_ADD_ATOM(errand, errand, sweep_atom, "sweep")
  CAF_ADD_ATOM(errand, errand, totals_atom, "totals")
  CAF_ADD_ATOM(errand, errand, unwatch_atom, "unwatch")
  CAF_ADD_ATOM(errand, errand, watch_atom, "watch")
  CAF_ADD_ATOM(errand, errand, workers_atom, "workers")
CAF_END_TYPE_ID_BLOCK(errand)

// Local pointers and plain values: never serialized, see message_values.hpp.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::answers_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::attempt_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::attempt_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::attempt_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::claim_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::claimed_attempts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::due_time)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::duration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::event_filter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::facts_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::kept_reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::lease_claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::lease_ends_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::lease_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::lease_signs_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::list_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::notices_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::queue_list_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::queue_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::request_key_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::schedule_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::schedule_list_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::schedule_put_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::found_tasks_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::prune_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::search_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::log_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::served_leases)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::subscription)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::task_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::task_id)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::task_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::task_spec_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::upkeep_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(errand::worker_order_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<errand::attempt_ref>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<errand::lease_token>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<errand::task_id>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<std::string>)

namespace errand {

/// CLIENT: whoever asks and is answered by message; the FRONT is one.
using client_actor = caf::typed_actor<
    // Answers to requests of yours, those of one commit together.
    caf::reacts_to<answer_atom, answers_ptr>>;

/// CLERK: the client in whose name threads outside of the actors ask.
using clerk_actor = client_actor::extend<
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// TASKS: asks in the name of the program's actors; see errand/actors.hpp and
/// server/tasks_actor.hpp. This is what the others know of it.
using tasks_handle = caf::typed_actor<
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// EVENTS: fans committed facts out.
using events_actor = caf::typed_actor<
    // What one commit changed, in order.
    caf::reacts_to<facts_atom, facts_ptr>,
    // What happened other than to tasks, in order.
    caf::reacts_to<notices_atom, notices_ptr>,
    // The logs of these tasks have grown by a commit.
    caf::reacts_to<logged_atom, std::vector<task_id>>,
    // Answer this request with plain success once the task is final. The task may be final already,
    // so look at it after this message was sent.
    caf::reacts_to<watch_atom, client_actor, request_number, task_id>,
    // The same, and answer it also each time that the task's log has grown.
    caf::reacts_to<follow_atom, client_actor, request_number, task_id>,
    // That request is not watching or following any more.
    caf::reacts_to<unwatch_atom, client_actor, request_number, task_id>,
    // Answer this request with what there is after the event that the subscription names, at once
    // and also if that is nothing; then, unless there is more, with the events of each commit, or
    // of several together while subscribers are many.
    caf::reacts_to<subscribe_atom, client_actor, request_number, subscription>,
    // That subscriber, with this filter, wants no more.
    caf::reacts_to<leave_atom, client_actor, request_number, event_filter>,
    // From itself: subscribers may be told what came meanwhile.
    caf::reacts_to<sweep_atom>,
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// STATISTICS: counts what facts tell, about the last hour and since the start.
using statistics_actor = caf::typed_actor<
    // What one commit changed, and how long that commit took.
    caf::reacts_to<facts_atom, facts_ptr, duration>,
    // A commit has failed: nothing of it is true.
    caf::reacts_to<refused_atom>,
    // Answer this request with what is known, of these queues one by one.
    caf::reacts_to<stats_atom, client_actor, request_number, std::vector<std::string>>,
    // Answer this request with all that was counted since the start, as a metrics_view. These
    // queues hold tasks, and have labels of their own there as far as there is room.
    caf::reacts_to<metrics_atom, client_actor, request_number, std::vector<std::string>>,
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// WORKER: runs attempts on its own thread, one at a time; each report goes to the STORE.
using worker_actor = caf::typed_actor<
    // Run slot number `size_t` of this batch, then whatever in it nobody has; then tell the
    // DISPATCHER that you are idle.
    caf::reacts_to<run_atom, attempt_batch_ptr, uint64_t>>;

/// DISPATCHER: gives attempts to idle workers, starts and replaces workers.
using dispatcher_actor = caf::typed_actor<
    // The STORE's answer to a claim; never empty.
    caf::reacts_to<claimed_atom, claimed_attempts>,
    // From the STORE: clients do not want these attempts' tasks any more.
    caf::reacts_to<cancel_atom, std::vector<attempt_ref>>,
    // That worker has nothing more to run.
    caf::reacts_to<idle_atom, worker_number>,
    // Start one more worker.
    caf::reacts_to<start_atom, worker_order_ptr>,
    // From itself: the time has come to start one in the place of one that died.
    caf::reacts_to<start_atom>,
    // From itself: look after attempts that were claimed ahead and wait too long.
    caf::reacts_to<sweep_atom>,
    // From itself: look for attempts whose handlers ignore the deadline.
    caf::reacts_to<overdue_atom>,
    // Answer this request with all workers.
    caf::reacts_to<workers_atom, client_actor, request_number>,
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>,
    // Claim no more, wait up to so many milliseconds for what runs, put the rest back. The answer
    // is the number of handlers that still run.
    caf::replies_to<drain_atom, uint64_t>::with<done_atom, uint64_t>>;

/// LESSOR: lets workers outside wait for attempts. What they have then is between them and the
/// STORE.
using lessor_actor = caf::typed_actor<
    // That worker waits. The answer is leases, as soon as there are some, or if it does not wait.
    caf::reacts_to<lease_atom, client_actor, request_number, lease_request_ptr>,
    // That request waits no longer. If it still does, it is answered with no leases; what was
    // answered already stays.
    caf::reacts_to<leave_atom, client_actor, request_number>,
    // From the STORE: the answer to a claim.
    caf::reacts_to<leased_atom, served_leases>,
    // From the STORE: these workers let leases pass. What waits by their names is answered with no
    // leases; it comes before the answers to what was claimed later.
    caf::reacts_to<lose_atom, std::vector<std::string>>,
    // That worker is gone: what waits by its name is answered with no leases, and the STORE
    // answers this request (see there).
    caf::reacts_to<release_atom, client_actor, request_number, std::string>,
    // Answer this request with the workers that wait, or did a moment ago.
    caf::reacts_to<workers_atom, client_actor, request_number>,
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>,
    // Answered once what stood before it is done: what could not be handed out is put back.
    caf::replies_to<close_atom>::with<done_atom>>;

/// SCHEDULER: turns passing time into verbs of the store.
using scheduler_actor = caf::typed_actor<
    // From the STORE: that is when the next task falls due.
    caf::reacts_to<due_atom, due_time>,
    // From itself: its timer; a number other than the newest is a stale one.
    caf::reacts_to<sweep_atom, uint64_t>,
    // From itself: begin a pass of deleting what ended long ago.
    caf::reacts_to<prune_atom>,
    // From the STORE: so far it came in that step of the pass.
    caf::reacts_to<pruned_atom, upkeep_progress>,
    // Answer this request with plain success.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// STORE: the only writer. Its mailbox is the batch: one commit for what stands in it. A request
/// whose key it knows it does not carry out again: the answer is the reply that was kept, or
/// key_reused. What it answers to a new key, other than a failure, it keeps in the same commit.
using store_actor = caf::typed_actor<
    // Add this task; the answer is what became of it, once durable, or why it was refused.
    caf::reacts_to<submit_atom, client_actor, request_number, task_spec_ptr, request_key_ptr>,
    // Add all of these or none; the answer is an accepted_batch, once durable, or why not.
    caf::reacts_to<submit_atom, client_actor, request_number, task_batch_ptr, request_key_ptr>,
    // Do that with this task; the answer is the task as it is then, once durable (to `remove`,
    // plain success), or why not: not_found, wrong_state.
    caf::reacts_to<order_atom, client_actor, request_number, task_id, task_order, request_key_ptr>,
    // Tell that queue this; the answer is its settings then, once durable, or why not: invalid.
    caf::reacts_to<queue_atom, client_actor, request_number, queue_order, request_key_ptr>,
    // Make or change this schedule; the answer is a schedule_change, once durable, or why not:
    // invalid.
    caf::reacts_to<schedule_atom, client_actor, request_number, schedule_put_ptr>,
    // Do that with the schedule; the answer is a schedule_change, once durable (to `remove`, plain
    // success), or why not: not_found, wrong_state, not_unique, invalid.
    caf::reacts_to<schedule_atom, client_actor, request_number, schedule_command, request_key_ptr>,
    // This is the reply to a request with a key, in place of any that was kept. The answer is plain
    // success, once durable.
    caf::reacts_to<keep_atom, client_actor, request_number, kept_reply_ptr>,
    // Do that with some of these tasks, from the first on, a few milliseconds' worth; the answer is
    // orders_done. Those in a state in which it can't be done are left as they are.
    caf::reacts_to<orders_atom, client_actor, request_number, found_tasks_ptr, task_order>,
    // These workers of that pool are idle (see claim_request). Answered once there is something; a
    // later claim of the pool takes the place of an earlier one that was not answered.
    caf::reacts_to<claim_atom, dispatcher_actor, pool_number, claim_request>,
    // These workers outside wait. Answered once there is something; a later claim with that number
    // takes the place of an earlier one that was not answered, and one of nobody ends it.
    caf::reacts_to<lease_atom, lessor_actor, pool_number, lease_claim>,
    // These workers still have their leases. The answer is how each of them stands, once durable.
    caf::reacts_to<note_atom, client_actor, request_number, lease_signs_ptr, request_key_ptr>,
    // These leased attempts have ended. The answer is what became of each, once durable.
    caf::reacts_to<finish_atom, client_actor, request_number, lease_ends_ptr, request_key_ptr>,
    // Put some of what that worker has leased back. The answer is orders_done, once durable; if it
    // did as many as leases_max, there may be more.
    caf::reacts_to<release_atom, client_actor, request_number, std::string>,
    // From the LESSOR: nobody hears of these leases any more.
    caf::reacts_to<release_atom, std::vector<lease_token>>,
    // What an attempt says while it runs. Stands in the mailbox before the attempt's report.
    caf::reacts_to<note_atom, attempt_note>,
    // An attempt ended.
    caf::reacts_to<finish_atom, attempt_report>,
    // Attempts went down with their worker.
    caf::reacts_to<lose_atom, std::vector<attempt_ref>>,
    // Attempts that did not begin, or stopped on demand.
    caf::reacts_to<release_atom, std::vector<attempt_ref>>,
    // Queue what is due by now, cancel what has expired, resume queues whose pauses are over, make
    // some of the tasks of schedules that are due (the next due time then has come), recount
    // waiting tasks if it is time for that, and tell this SCHEDULER when the next is, now and
    // whenever that becomes earlier.
    caf::reacts_to<promote_atom, scheduler_actor>,
    // Delete some of these, a few milliseconds' worth, and tell this SCHEDULER where to go on.
    caf::reacts_to<prune_atom, scheduler_actor, prune_request>,
    // Likewise: give free space back.
    caf::reacts_to<shrink_atom, scheduler_actor>,
    // Answer this request with plain success, or with why the last commit failed.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>,
    // From itself: everything that stood in the mailbox with the batch's first verb is in; commit.
    caf::reacts_to<commit_atom>,
    // From itself: try again to write the workers' reports that the disk refused.
    caf::reacts_to<sweep_atom>,
    // From now on no claim is served. Answered after whatever was.
    caf::replies_to<close_atom>::with<done_atom>,
    // Commit what is open; from now on every submit is refused as draining.
    caf::replies_to<drain_atom>::with<done_atom>>;

/// READER: answers questions from a connection of its own, so that no list slows a submit.
using reader_actor = caf::typed_actor<
    // The task with its attempts.
    caf::reacts_to<fetch_atom, client_actor, request_number, task_id>,
    // One page.
    caf::reacts_to<list_atom, client_actor, request_number, list_request>,
    // The next few tasks that match, as found_tasks.
    caf::reacts_to<search_atom, client_actor, request_number, search_request>,
    // The task, and where it stands in its queue.
    caf::reacts_to<place_atom, client_actor, request_number, task_id>,
    // That queue: what it was told, and what it holds.
    caf::reacts_to<queue_atom, client_actor, request_number, std::string>,
    // What workers outside have leased, as lease_views.
    caf::reacts_to<leases_atom, client_actor, request_number>,
    // How many tasks there are in all queues together.
    caf::reacts_to<totals_atom, client_actor, request_number>,
    // One page of the queues.
    caf::reacts_to<queues_atom, client_actor, request_number, queue_list_request>,
    // The schedule of that name.
    caf::reacts_to<schedule_atom, client_actor, request_number, std::string>,
    // One page of the schedules.
    caf::reacts_to<schedules_atom, client_actor, request_number, schedule_list_request>,
    // One page of a task's log.
    caf::reacts_to<log_atom, client_actor, request_number, log_request>,
    // Answer this request with plain success, or with why the store can't be read.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    // Answer this request with how you stand, as an actor_view.
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// TERMINATOR: ends the others in order, each with a deadline.
using terminator_actor = caf::typed_actor<
    // Drain, wait up to so many milliseconds for handlers, and end all. The answer is the number of
    // handlers that still run and keep their threads.
    caf::replies_to<drain_atom, uint64_t>::with<done_atom, uint64_t>>;

} // namespace errand

CAF_BEGIN_TYPE_ID_BLOCK(errand_handles, caf::id_block::errand::end)
  CAF_ADD_TYPE_ID(errand_handles, (errand::client_actor))
  CAF_ADD_TYPE_ID(errand_handles, (errand::dispatcher_actor))
  CAF_ADD_TYPE_ID(errand_handles, (errand::lessor_actor))
  CAF_ADD_TYPE_ID(errand_handles, (errand::scheduler_actor))
CAF_END_TYPE_ID_BLOCK(errand_handles)
