// Formatting of numbers.

// For example 3·10⁻⁵, with as many digits as the value needs if `digits` is left out; a factor of
// 1 is left out.
export function powerOfTen(value, digits) {
  const [digit, exponent] = value.toExponential(digits).split("e");
  const raised = [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digit === "1" ? "" : `${digit}·`}10${raised}`;
}
