#include "http/actor_survey.hpp"

namespace errand {

actor_survey::actor_survey(exchange_link& link) : asked_(std::chrono::steady_clock::now()) {
  link.set_patience(survey_patience);
  for (const auto who : all_peers) {
    const auto name = static_cast<question>(who);
    rows_[name].name = to_string(who);
    link.look_at(name, who);
  }
}

void actor_survey::answered(question name, const answer& what) {
  rows_[name].view = std::get<actor_view_ptr>(what.content);
  rows_[name].took =
      std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - asked_);
  --missing_;
}

std::vector<actor_survey::row> actor_survey::rows(const exchange_link& link) const {
  const auto front = link.front();
  const actor_view own{front.mailbox,
                       {{"connections", front.connections},
                        {"in_flight", front.in_flight},
                        {"streams", front.streams}}};
  std::vector<row> all{{"front", std::make_shared<const actor_view>(own), {}}};
  all.insert(all.end(), rows_.begin(), rows_.end());
  return all;
}

std::optional<uint64_t> actor_survey::figure(peer of, std::string_view name) const {
  if (const auto& view = rows_[static_cast<size_t>(of)].view)
    for (const auto& [known, value] : view->figures)
      if (known == name)
        return value;
  return std::nullopt;
}

} // namespace errand
