# Flags that every target shares. A translation unit without the BOOST_* switches would violate the
# one-definition rule silently, so they travel with this target and nowhere else.
add_library(build_options INTERFACE)
target_include_directories(build_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(build_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ERROR_CODE_HEADER_ONLY
  IMDSD_VERSION="${PROJECT_VERSION}")
target_compile_options(build_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -fstack-protector-strong)
if(IMDSD_WERROR)
  target_compile_options(build_options INTERFACE -Werror)
endif()
target_link_libraries(build_options INTERFACE Boost::headers Threads::Threads)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives: Asio's recycled coroutine frames, and libstdc++ 12's own string code.
  target_compile_options(build_options INTERFACE
    -Wno-mismatched-new-delete -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread)
endif()

string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

if(IMDSD_SANITIZE STREQUAL "address")
  target_compile_options(build_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(build_options INTERFACE -fsanitize=address,undefined)
  # Asio recycles frames and small blocks: freed memory would look alive to the sanitizer.
  target_compile_definitions(build_options INTERFACE
    BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
elseif(IMDSD_SANITIZE STREQUAL "thread")
  target_compile_options(build_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(build_options INTERFACE -fsanitize=thread)
  # Thread sanitizer does not model fences; without this Asio's fenced blocks are reported.
  target_compile_definitions(build_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
elseif(IMDSD_SANITIZE STREQUAL "fuzzer")
  target_compile_options(build_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-omit-frame-pointer)
  target_link_options(build_options INTERFACE -fsanitize=address,undefined)
else()
  target_compile_definitions(build_options INTERFACE _GLIBCXX_ASSERTIONS)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Fortification needs optimisation; tests are compiled without (UNOPTIMISED).
    target_compile_options(build_options INTERFACE
      "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNOPTIMISED>>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  endif()
  target_link_options(build_options INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now)
endif()
