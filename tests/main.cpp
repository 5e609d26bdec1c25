// Catch2 v2 wants its main() compiled in one file of the program; v3 brings it as a library,
// Catch2::Catch2WithMain, and this file is then empty.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
