#include "http/json_batch.hpp"

#include "http/json_codec.hpp"
#include "http/json_text.hpp"
#include "http/json_writer.hpp"
#include "http/outer_reader.hpp"
#include "task/utf8.hpp"

#include <optional>
#include <utility>

namespace errand {

namespace {

constexpr std::string_view batch_rule = R"(a JSON object such as {"tasks": [{"kind": "noop"}]})";
constexpr std::string_view tasks_rule = "an array of up to 10000 tasks";
constexpr std::string_view task_rule = R"(a task such as {"kind": "noop"})";

/// What an accepted task takes in the answer, about.
constexpr size_t usual_size = 96;

class batch_reader final : public outer_reader {
public:
  decoded_batch result() {
    if (auto why = why_not())
      return std::move(*why);
    written_batch written;
    for (const auto& task : tasks_)
      written.refs.push_back(task.ref);
    if (then_)
      written.refs.emplace_back();
    auto batch = arrange(std::move(tasks_), std::move(then_));
    if (!batch.ok())
      return problem_of(batch.why());
    written.batch = std::move(*batch);
    return written;
  }

private:
  enum class field { none, tasks, then };

  /// Whether the value that has begun has the place of a task.
  bool is_task() const {
    return guard_.depth() == 2 || (guard_.depth() == 1 && field_ == field::then);
  }

  void take(const flat_value& value) override { refuse(value.shown_type()); }

  bool object_begins() override {
    if (guard_.depth() == 0)
      return guard_.open_object();
    if (!is_task()) {
      refuse("an object");
      return false; // What it holds is of no field.
    }
    if (field_ == field::tasks && tasks_.size() == max_batch) {
      guard_.fault("/tasks", "has more than 10000 tasks; send them in several batches");
      return false;
    }
    return begin_spec(make_spec_reader_in_batch());
  }

  bool array_begins() override {
    if (guard_.depth() == 1 && field_ == field::tasks)
      return guard_.open_array();
    refuse("an array");
    return false; // Likewise.
  }

  void key_read(const std::string& name) override {
    field_ = name == "tasks" ? field::tasks : name == "then" ? field::then : field::none;
    has_tasks_ |= field_ == field::tasks;
    if (field_ == field::none)
      guard_.fault_here("is not a field of a batch; there are tasks, then");
  }

  void object_ended() override {
    if (!has_tasks_)
      guard_.fault("/tasks", "is missing; it must be " + std::string(tasks_rule));
  }

  void refuse(std::string_view found) {
    if (guard_.depth() == 1 && field_ == field::none)
      return; // Refused by its name.
    const auto rule = guard_.depth() == 0 ? batch_rule : is_task() ? task_rule : tasks_rule;
    guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
  }

  void spec_ended(spec_reader& spec) override {
    const auto place = guard_.pointer();
    for (auto& fault : spec.take_faults())
      guard_.fault(place + fault.pointer, std::move(fault.detail));
    auto entry = spec.take_entry();
    if (field_ == field::tasks)
      tasks_.push_back(std::move(entry));
    else if (!entry.ref.empty())
      guard_.fault("/then/ref", "is " + quoted(entry.ref)
                                    + "; nothing can come after then, so it needs none; leave it "
                                      "out");
    else
      then_ = std::move(entry);
  }

  field field_ = field::none;
  bool has_tasks_ = false;
  std::vector<batch_entry> tasks_;
  std::optional<batch_entry> then_;
};

void write_accepted(json_writer& w, const accepted_batch::row& row, const std::string& ref) {
  w.begin_object();
  w.key("id").string(row.id.to_string());
  w.key("state").string(to_string(row.state));
  if (!ref.empty())
    w.key("ref").string(ref);
  if (row.duplicate)
    w.key("duplicate").boolean(true);
  w.end_object();
}

} // namespace

decoded_batch decode_batch(std::string_view body) {
  if (auto why = why_no_text(body, batch_rule))
    return std::move(*why);
  batch_reader reader;
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.result();
}

std::string encode_batch(const accepted_batch& accepted, const std::vector<std::string>& refs,
                         bool has_then, const std::vector<std::string>& warnings) {
  std::string out;
  out.reserve(usual_size * (accepted.tasks.size() + 1));
  const auto listed = accepted.tasks.size() - (has_then ? 1 : 0);
  json_writer w(out);
  w.begin_object();
  w.key("tasks").begin_array();
  for (size_t i = 0; i < listed; ++i)
    write_accepted(w, accepted.tasks[i], refs[i]);
  w.end_array();
  if (has_then)
    write_accepted(w.key("then"), accepted.tasks.back(), refs.back());
  write_warnings(w, warnings);
  w.end_object();
  return out;
}

} // namespace errand
