// Formatting of numbers.

// For example 3·10⁻⁵; the factor is left out if it is 1.
export function powerOfTen(value, digits = 0) {
  const [digit, exponent] = value.toExponential(digits).split("e");
  const raised = [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digit === "1" ? "" : `${digit}·`}10${raised}`;
}
