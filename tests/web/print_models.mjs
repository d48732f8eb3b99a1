// Prints the JSON of the models embedded in a page: node print_models.mjs PAGE
import { modelsText } from "./carried.mjs";

console.log(modelsText(process.argv[2]));
