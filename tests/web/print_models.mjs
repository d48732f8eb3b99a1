// Prints the JSON of the models that a page carries: node print_models.mjs PAGE
import { modelsText } from "./carried.mjs";

console.log(modelsText(process.argv[2]));
