// Numbers as text. Pure.

// 3·10⁻⁵; a one before the point in the middle goes without.
export function powerOfTen(value, digits = 0) {
  const [digit, exponent] = value.toExponential(digits).split("e");
  const raised = [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digit === "1" ? "" : `${digit}·`}10${raised}`;
}
