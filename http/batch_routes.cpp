#include "http/batch_routes.hpp"

#include "http/json_batch.hpp"
#include "http/known_kinds.hpp"
#include "task/traceparent.hpp"

#include <memory>
#include <set>

namespace errand {

namespace {

constexpr question only_question = 0;

/// Kinds that one answer warns of.
constexpr size_t max_warnings = 16;

class batch_rest final : public continuation {
public:
  batch_rest(std::vector<std::string> refs, bool has_then, std::vector<std::string> warnings)
      : refs_(std::move(refs)), has_then_(has_then), warnings_(std::move(warnings)) {}

  std::optional<reply> answered(question, const answer& what, exchange_link&) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    return accepted(*this, what.content);
  }

  reply_function reply_of_success() const override {
    return [copy = *this](const answer_content& what) { return accepted(copy, what); };
  }

private:
  static reply accepted(const batch_rest& rest, const answer_content& what) {
    return json_reply(202, encode_batch(*std::get<accepted_batch_ptr>(what), rest.refs_,
                                        rest.has_then_, rest.warnings_));
  }

  std::vector<std::string> refs_;
  bool has_then_;
  std::vector<std::string> warnings_;
};

/// One for each kind that is not known, however many tasks have it.
std::vector<std::string> all_warnings(const known_kinds& known, const task_batch& batch) {
  std::set<std::string> warnings;
  for (const auto& entry : batch.tasks)
    if (warnings.size() < max_warnings)
      for (auto& warning : known.warnings(entry.spec.kind))
        warnings.insert(std::move(warning));
  return {warnings.begin(), warnings.end()};
}

route_result submit(const route_call& call, const known_kinds& known) {
  if (auto refusal = refuse_unless_json(call))
    return std::move(*refusal);
  auto decoded = decode_batch(call.request.body);
  if (const auto* why = std::get_if<problem>(&decoded))
    return problem_reply(*why);
  auto& [batch, refs] = std::get<written_batch>(decoded);
  const auto trace = accept_traceparent(call.request.header("traceparent").value_or(""));
  for (auto& entry : batch.tasks)
    entry.spec.traceparent = trace;
  auto rest =
      std::make_unique<batch_rest>(std::move(refs), batch.has_then, all_warnings(known, batch));
  call.link.submit(only_question, std::make_shared<const task_batch>(std::move(batch)), *rest);
  return rest;
}

} // namespace

void add_batch_routes(router& to, known_kinds known) {
  to.add(http_method::post, "/v1/tasks/batch",
         [known](const route_call& call) { return submit(call, known); });
}

} // namespace errand
