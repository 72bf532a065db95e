// Moves the log of committed pages (WAL) into the database, so that neither the log nor the time to
// open the store grows. Runs inside the writer's commits, on its thread.
//
// Often and little: after every 1000 pages (4 MB) a commit takes 2 to 5 ms longer. Fewer, larger
// checkpoints were measured to save less than a tenth of the time per task, while commits then
// stalled for up to 100 ms. A thread of its own would have to outrun a busy writer: the log can
// only start anew in a moment when all of it has been moved.
#pragma once

struct sqlite3;

namespace errand {

class checkpointer {
public:
  /// Stays where it is until the connection is closed or makes no more commits.
  explicit checkpointer(sqlite3* connection);
  checkpointer(const checkpointer&) = delete;
  checkpointer& operator=(const checkpointer&) = delete;

  /// The next commit that writes moves the log, however short it is.
  void checkpoint_next_commit() { asked_ = true; }

private:
  void committed(sqlite3* connection, int log_pages);

  int moved_ = 0; ///< Pages in the log at the last checkpoint.
  bool asked_ = false;
};

} // namespace errand
