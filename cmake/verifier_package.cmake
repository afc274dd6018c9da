# libimdsd-verifier: src/verifier and what it needs of this project in one shared library, of which
# only the C interface is visible. It needs libcrypto and Boost.JSON, and no header of ours but
# those in include/imdsd. Component `verifier`: cmake --install BUILD --component verifier
target_include_directories(verifier PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src/verifier/include>)
set(exports ${PROJECT_SOURCE_DIR}/src/verifier/exports.map)
add_library(imdsd-verifier SHARED ${exports})
set_target_properties(imdsd-verifier PROPERTIES
  LINKER_LANGUAGE CXX EXPORT_NAME verifier VERSION ${PROJECT_VERSION} SOVERSION 0
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} LINK_DEPENDS ${exports})
target_link_libraries(imdsd-verifier PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,verifier>)
target_link_options(imdsd-verifier PRIVATE -Wl,--version-script=${exports} -Wl,--as-needed)
target_include_directories(imdsd-verifier INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

include(CMakePackageConfigHelpers)
set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/imdsd-verifier)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/imdsd-verifier-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(TARGETS imdsd-verifier EXPORT imdsd-verifier
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT verifier)
install(EXPORT imdsd-verifier NAMESPACE imdsd:: FILE imdsd-verifier-config.cmake
        DESTINATION ${folder} COMPONENT verifier)
install(FILES ${PROJECT_BINARY_DIR}/imdsd-verifier-config-version.cmake
        DESTINATION ${folder} COMPONENT verifier)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/verifier/include/imdsd
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT verifier)
