// A server that runs: its store, its actors and what they hold, from the first to the last of them.
#pragma once

#include "actors/answer_desk.hpp"
#include "actors/deferred.hpp"
#include "actors/deferred_threads.hpp"
#include "actors/terminator.hpp"
#include "handlers/held_attempt.hpp"
#include "handlers/registry.hpp"
#include "http/listener.hpp"
#include "http/program_routes.hpp"
#include "server/tasks_actor.hpp"
#include "store/store.hpp"

#include <errand/actors.hpp>
#include <errand/options.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace errand {

/// What a program adds to its options.
struct server_parts {
  Options options;
  std::shared_ptr<handler_registry> handlers; ///< The program's and the built-in ones.
  std::vector<program_route> routes;
  std::shared_ptr<answer_desk> desk; ///< Where answers to the CLERK go.
};

/// Belongs to the thread that makes it, until that has ended; what is const may be called by any.
class running_server {
public:
  /// Starts everything but the answers to HTTP, in order. Throws StartError, and then nothing was
  /// started.
  explicit running_server(server_parts parts);

  /// Has HTTP requests answered, and waits until one was. To be called once, and after handlers
  /// and routes can reach this server: from here on they may want to.
  void serve();

  /// Precondition: let_go() was called.
  ~running_server();

  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;

  /// Ends the work in the order in which it flows: see TaskServer::stop(). The number of handlers
  /// and closures that still run. Afterwards everything is refused.
  size_t end();

  /// Ends CAF's system once the program's actors have exited and are held by nobody, for which it
  /// waits two seconds. False if that is not so then, or handlers still run: the system is left as
  /// it is for the rest of the process, for they may need it at any time. Precondition: end() was
  /// called.
  bool let_go();

  uint16_t port() const { return listening_.port; }
  const running_actors& actors() const { return actors_; }
  client_actor clerk() const { return clerk_; }
  TasksActor tasks() const { return tasks_; }
  caf::actor_system& system() const { return *system_; }

  /// Adds a worker of the program. False if there is no such pool.
  bool add_worker(const std::string& pool, ActorAccess::Spawn spawn) const;

  /// Its threads start with the first call. Null if the system has not one for it.
  deferred_queue* deferred() const;

private:
  void spawn_actors(std::unique_ptr<store> db, std::unique_ptr<store_reader> reading,
                    upstream_lookup look_up);
  bool end_system(std::chrono::steady_clock::time_point until);

  server_parts parts_;
  logger_ptr log_;
  listener listening_;
  size_t left_behind_ = 0; ///< Handlers and closures that nothing can end.

  // Handles must go before the system: it waits for detached actors that somebody still holds.
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  running_actors actors_;
  clerk_actor clerk_;
  inner_tasks_actor tasks_;
  std::vector<std::string> pools_; ///< By their numbers.
  attempt_surroundings around_;
  std::shared_ptr<deferred_queue> deferred_;
  std::unique_ptr<deferred_threads> deferred_threads_;
};

} // namespace errand
