// Formatting of numbers.

// For example 3·10⁻⁵, with as many digits as the value needs; a factor of 1 is left out.
export function powerOfTen(value) {
  const [digit, exponent] = value.toExponential().split("e");
  const raised = [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
  return `${digit === "1" ? "" : `${digit}·`}10${raised}`;
}

// Three significant digits in the form of the program's tables (nca_number_text): 0.05, 4562, 7.61e-06.
export function numberText(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 999.5 && size < 9999.5) return String(Math.round(value));
  const rounded = Number(value.toPrecision(3)), most = Math.abs(rounded);
  if (most === 0 || (most >= 1e-4 && most < 1e4)) return String(rounded);
  const [digits, exponent] = rounded.toExponential().split("e");
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
