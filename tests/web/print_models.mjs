// Prints the JSON of the models embedded in a page, or of another element:
// node print_models.mjs PAGE [nca-examples]
import { packedText } from "./carried.mjs";

console.log(packedText(process.argv[2], process.argv[3] ?? "nca-models"));
