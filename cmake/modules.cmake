# add_module(NAME imds DEPS base http ... [LIBS OpenSSL::Crypto ...])
#
# One folder below src/ is one namespace and one static library. DEPS is the only list of what the
# module may include: it is what links, and it is written to layers.txt, which tests/layers reads.
set_property(GLOBAL PROPERTY LAYERS "")

function(add_module)
  cmake_parse_arguments(M "" "NAME" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${M_NAME}/*.cpp)
  if(sources)
    add_library(${M_NAME} STATIC ${sources})
    target_link_libraries(${M_NAME} PUBLIC build_options ${M_DEPS} ${M_LIBS})
    if(NOT M_NAME STREQUAL "base" AND NOT M_NAME STREQUAL "boost_compiled" AND TARGET base)
      target_precompile_headers(${M_NAME} REUSE_FROM base)
    endif()
  else()
    add_library(${M_NAME} INTERFACE)
    target_link_libraries(${M_NAME} INTERFACE build_options ${M_DEPS} ${M_LIBS})
  endif()
  list(JOIN M_DEPS " " deps)
  set_property(GLOBAL APPEND PROPERTY LAYERS "${M_NAME}: ${deps}")
endfunction()

function(write_layers file)
  get_property(layers GLOBAL PROPERTY LAYERS)
  list(JOIN layers "\n" text)
  file(WRITE ${file} "${text}\n")
endfunction()
