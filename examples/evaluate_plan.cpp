// Evaluates a plan that something else made, from a JSON file: {"gateways": [...], "experts":
// [[...]]}. Without a file, writes Space-XNet's plan as JSON to plan.json first, moves one gateway,
// and reads it back: any program that can write JSON can be compared with the library's planners.
#include <iostream>

#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/orbitmoe.hpp>

using namespace orbitmoe;

int main(int argc, char** argv) try {
  const walker_constellation sky;
  const timeline net{sky, plus_grid{}, {.slots = 100}};
  const moe_model model = presets::llama_moe_3_5b();
  const activation_profile router = activation_profile::skewed(model, 1);
  const placement ours = space_xnet{}.plan(net, model, router);

  std::string file = "plan.json";
  if (argc > 1) {
    file = argv[1];
  } else {
    placement theirs = ours;
    std::swap(theirs.gateways[0], theirs.experts[0][0]);
    write_file(file, to_json(theirs).dump(2));
  }
  const placement theirs = placement_from_json(parse_json(read_file(file)));

  std::cout.precision(4);
  std::cout << "Space-XNet: " << evaluate(net, model, router, ours) << '\n'
            << file << ": " << evaluate(net, model, router, theirs) << '\n';
} catch (const invalid_input& error) {
  std::cerr << "evaluate_plan: " << error.what() << '\n';
  return 2;
}
