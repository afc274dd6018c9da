// CMake makes a target's precompiled header only when one of its sources takes it, and main.cpp
// does not.
