// Names of items shown together, in little room.

const isBetween = /^(?:[\s_,=]+|-)$/;

// The words of a name, each with what is before it.
function wordsOf(name) {
  const words = [];
  let before = "";
  for (const part of name.split(/([\s_,=]+|(?<!\de)-)/i)) {
    if (part === "" || isBetween.test(part)) before += part;
    else {
      words.push({ word: part, before });
      before = "";
    }
  }
  return words;
}

// The words at some places, between them what is there in the name; a space where words are left out.
function joined(words, isKept) {
  let text = "", last = -1;
  words.forEach(({ word, before }, i) => {
    if (!isKept(i)) return;
    text += (last < 0 ? "" : last === i - 1 ? before : " ") + word;
    last = i;
  });
  return text;
}

// Removes the words that every name has at the same position, counted from the front and from the
// back. Returns the full names if a short one would be empty or not unique.
export function shortNames(names) {
  if (new Set(names).size < 2) return names;
  const lists = names.map(wordsOf);
  const least = Math.min(...lists.map((list) => list.length));
  const sameLength = lists.every((list) => list.length === least);
  const isShared = (at) => lists.every((list) => list.at(at).word === lists[0].at(at).word);
  let front = 0, back = 0;
  while (front < least && isShared(front)) front++;
  while (back < least - front && isShared(-1 - back)) back++;
  const short = lists.map((list) => joined(list,
    (i) => (sameLength ? !isShared(i) : i >= front && i < list.length - back)));
  return short.every(Boolean) && new Set(short).size === new Set(names).size ? short : names;
}

// A name of about `most` characters, at least three; longer ones are cut in the middle, because most names differ
// at their ends.
export function shortened(name, most) {
  const half = Math.max(1, (most - 1) / 2);
  return name.length <= most ? name : `${name.slice(0, half)}…${name.slice(-half)}`;
}

// The nodes of a name that is broken between its words.
export const breakable = (name) => name.split(/(?<=[_/=,])/).flatMap((part, i) => (i > 0 ? [document.createElement("wbr"), part] : [part]));
