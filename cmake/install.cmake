# Installs headers, licence, CMake package and pkg-config files. Nothing of it depends on the
# machine, and all of it may be moved to another prefix.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/OrbitMoE")
set(pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(DIRECTORY include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/orbitmoe")

install(TARGETS orbitmoe EXPORT OrbitMoE INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT OrbitMoE
  FILE OrbitMoETargets.cmake NAMESPACE orbitmoe:: DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/OrbitMoEConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion  # below 1.0 a minor version may break
  ARCH_INDEPENDENT)
install(FILES cmake/OrbitMoEConfig.cmake "${PROJECT_BINARY_DIR}/OrbitMoEConfigVersion.cmake"
  DESTINATION "${package_dir}")

# A directory that was given as an absolute path stays one.
cmake_path(APPEND pkgconfig_includedir "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
file(RELATIVE_PATH up "${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
foreach(name IN ITEMS orbitmoe orbitmoe-json)
  configure_file("cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${pkgconfig_dir}")
endforeach()
