#pragma once

/// The one place where the version stands, as numbers and as text; CMake, pkg-config and programs
/// read it from here.
#define ORBITMOE_VERSION_MAJOR 0
#define ORBITMOE_VERSION_MINOR 1
#define ORBITMOE_VERSION_PATCH 0
#define ORBITMOE_VERSION "0.1.0"
