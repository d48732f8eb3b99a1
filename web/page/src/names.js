// Short names for items shown together: words that all names share are left out.

const words = (name) => name.split(/[\s_,=]+|(?<!\de)-/i).filter(Boolean);

// Removes the words that every name has at the same position, counted from the front and from the
// back. Returns the full names if a short one would be empty or not unique.
export function shortNames(names) {
  if (new Set(names).size < 2) return names;
  const lists = names.map(words);
  const least = Math.min(...lists.map((list) => list.length));
  const sameLength = lists.every((list) => list.length === least);
  const isShared = (at) => lists.every((list) => list.at(at) === lists[0].at(at));
  let front = 0, back = 0;
  while (front < least && isShared(front)) front++;
  while (back < least - front && isShared(-1 - back)) back++;
  const short = lists.map((list) => list
    .filter((_, i) => (sameLength ? !isShared(i) : i >= front && i < list.length - back)).join(" "));
  return short.every(Boolean) && new Set(short).size === new Set(names).size ? short : names;
}
