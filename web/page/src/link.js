// The settings of the page in the fragment of its address (after the #).

const NUMBERS = ["model", "speed", "angle", "fire", "step", "noise", "seed", "height", "width", "compare"];
const WORDS = { view: /^[a-z0-9-]{1,20}$/, background: /^(auto|white|black|checker)$/, border: /^(zero|circular|reflect|replicate)$/ };

export function linkOf(values) {
  const text = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) text.set(key, String(value));
  return `#${text}`;
}

// Reads only known, well-formed settings and ignores everything else.
export function readLink(hash) {
  const text = new URLSearchParams(hash.replace(/^#/, ""));
  const values = {};
  for (const key of NUMBERS) {
    const value = Number(text.get(key));
    if (text.has(key) && text.get(key) !== "" && Number.isFinite(value)) values[key] = value;
  }
  for (const [key, form] of Object.entries(WORDS)) {
    if (form.test(text.get(key) ?? "")) values[key] = text.get(key);
  }
  return values;
}
