// A store that counts its commits and refuses to begin while it is told to, around a real one.
#pragma once

#include "store/store.hpp"

#include <memory>

namespace errand::test {

struct store_faults {
  bool refuse = false;
  int commits = 0;
  int refused = 0;
  int probes = 0;
};

class faulty_store : public store {
public:
  faulty_store(std::unique_ptr<store> real, std::shared_ptr<store_faults> faults)
      : real_(std::move(real)), faults_(std::move(faults)) {}

  status begin() override {
    if (!faults_->refuse)
      return real_->begin();
    ++faults_->refused;
    return {ec::store_full, "no room"};
  }
  status commit() override {
    ++faults_->commits;
    return real_->commit();
  }
  void clock_was_set(duration by) override { real_->clock_was_set(by); }
  std::optional<status_or<insertion>> insert(const task_spec& spec, timestamp now) override {
    return real_->insert(spec, now);
  }
  std::optional<status_or<std::vector<batch_insertion>>> insert_batch(const task_batch& batch,
                                                                      timestamp now) override {
    return real_->insert_batch(batch, now);
  }
  claim_result claim(const claim_request& request, timestamp now) override {
    return real_->claim(request, now);
  }
  std::optional<task_fact> finish(const attempt_report& report) override {
    return real_->finish(report);
  }
  std::optional<task_fact> note(const attempt_note& note) override { return real_->note(note); }
  std::optional<task_fact> lose(const attempt_ref& ref, timestamp now) override {
    return real_->lose(ref, now);
  }
  std::optional<task_fact> release(const attempt_ref& ref, timestamp now) override {
    return real_->release(ref, now);
  }
  std::optional<status_or<task>> cancel(const task_id& id, timestamp now) override {
    return real_->cancel(id, now);
  }
  std::optional<status_or<task>> renew(const task_id& id, timestamp now) override {
    return real_->renew(id, now);
  }
  std::optional<status_or<task>> remove(const task_id& id, timestamp now) override {
    return real_->remove(id, now);
  }
  std::optional<status_or<task>> purge(const task_id& id, timestamp now) override {
    return real_->purge(id, now);
  }
  prune_result prune(const prune_request& request) override { return real_->prune(request); }
  bool shrink() override { return real_->shrink(); }
  std::vector<task_fact> promote_due(timestamp now, size_t max) override {
    return real_->promote_due(now, max);
  }
  std::vector<task_fact> expire(timestamp now, size_t max) override {
    return real_->expire(now, max);
  }
  std::vector<task_fact> consequences() override { return real_->consequences(); }
  std::optional<kept_reply> find_reply(const std::string& key, timestamp since) override {
    return real_->find_reply(key, since);
  }
  bool keep_reply(const kept_reply& reply, timestamp now) override {
    return real_->keep_reply(reply, now);
  }
  bool write_probe(timestamp now) override {
    ++faults_->probes;
    return real_->write_probe(now);
  }
  size_t forget_replies(timestamp until, size_t max) override {
    return real_->forget_replies(until, max);
  }
  recount_step recount(int64_t from, size_t max, timestamp now) override {
    return real_->recount(from, max, now);
  }
  std::optional<status_or<queue_change>> configure_queue(const queue_order& order,
                                                         timestamp now) override {
    return real_->configure_queue(order, now);
  }
  bool preset_queues(const std::map<std::string, queue_settings>& presets) override {
    return real_->preset_queues(presets);
  }
  std::vector<resumed_queue> end_pauses(timestamp now) override { return real_->end_pauses(now); }
  std::optional<status_or<schedule_change>> put_schedule(const schedule_put& wanted,
                                                         timestamp now) override {
    return real_->put_schedule(wanted, now);
  }
  std::optional<status_or<schedule_change>> order_schedule(const schedule_command& command,
                                                           timestamp now) override {
    return real_->order_schedule(command, now);
  }
  schedule_fires fire_due(timestamp now, size_t max) override { return real_->fire_due(now, max); }
  std::optional<lease> grant_lease(const attempt_spec& attempt, const lease_wish& to,
                                   timestamp now) override {
    return real_->grant_lease(attempt, to, now);
  }
  std::optional<lease_change> keep_lease(const lease_sign& sign, timestamp now) override {
    return real_->keep_lease(sign, now);
  }
  std::optional<task_fact> end_lease(const lease_end& end, timestamp now) override {
    return real_->end_lease(end, now);
  }
  expired_leases end_expired_leases(timestamp now, size_t max) override {
    return real_->end_expired_leases(now, max);
  }
  std::vector<task_fact> release_leases(const std::string& worker, timestamp now,
                                        size_t max) override {
    return real_->release_leases(worker, now, max);
  }
  std::optional<timestamp> next_due() override { return real_->next_due(); }
  std::vector<task_fact> recover(timestamp now) override { return real_->recover(now); }
  status_or<std::unique_ptr<store_reader>> open_reader() override { return real_->open_reader(); }

private:
  std::unique_ptr<store> real_;
  std::shared_ptr<store_faults> faults_;
};

} // namespace errand::test
