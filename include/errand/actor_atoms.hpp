// The words that programs' actors and the server's have in common; see errand/actors.hpp.
#pragma once

#include <caf/atom.hpp>
#include <caf/type_id.hpp>

#pragma GCC visibility push(default)
CAF_BEGIN_TYPE_ID_BLOCK(errand_words, first_custom_type_id)
  CAF_ADD_ATOM(errand_words, errand, cancel_atom, "cancel")
  CAF_ADD_ATOM(errand_words, errand, event_atom, "event")
  CAF_ADD_ATOM(errand_words, errand, get_atom, "get")
  CAF_ADD_ATOM(errand_words, errand, leave_atom, "leave")
  CAF_ADD_ATOM(errand_words, errand, run_atom, "run")
  CAF_ADD_ATOM(errand_words, errand, submit_atom, "submit")
  CAF_ADD_ATOM(errand_words, errand, subscribe_atom, "subscribe")
  CAF_ADD_ATOM(errand_words, errand, wait_atom, "wait")
CAF_END_TYPE_ID_BLOCK(errand_words)
#pragma GCC visibility pop
