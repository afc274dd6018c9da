#pragma once

#include <initializer_list>

namespace host {

/// Holds signals back, in this thread and those it starts from now on, until `release_signals`;
/// one that came meanwhile is delivered then. For signals whose default ends the process, before
/// there is anything to handle them.
void hold_signals(std::initializer_list<int> numbers);
/// In this thread only: the others leave them to it.
void release_signals(std::initializer_list<int> numbers);

}  // namespace host
