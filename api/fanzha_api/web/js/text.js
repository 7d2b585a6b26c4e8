/**
 * Places in a text. The service counts code points, a browser counts UTF-16 units: 𠮷 and 😀 are one of the first and
 * two of the second. Evidence carries both; what carries code points only is turned here.
 */

/** The UTF-16 place of a code point's place. */
export function utf16Place(text, codePoint) {
  let place = 0;
  for (let count = 0; count < codePoint && place < text.length; count += 1) {
    place += text.codePointAt(place) > 0xffff ? 2 : 1;
  }
  return place;
}

/**
 * Cut a text where spans begin and end: [{text, items}] in order, covering it all, where `items` are the items of the
 * spans {start, end, item} (UTF-16) over that piece. Spans may overlap; neighbours with the same items are one piece.
 */
export function pieces(text, spans) {
  const inside = spans.map(({ start, end, item }) => ({
    start: Math.max(0, Math.min(start, text.length)),
    end: Math.max(0, Math.min(end, text.length)),
    item,
  }));
  const edges = [...new Set([0, text.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  const cut = [];
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const [low, high] = [edges[index], edges[index + 1]];
    const items = inside.filter(({ start, end }) => start <= low && high <= end).map(({ item }) => item);
    const last = cut.at(-1);
    if (last && last.items.length === items.length && last.items.every((item, at) => item === items[at])) {
      last.text += text.slice(low, high);
    } else {
      cut.push({ text: text.slice(low, high), items });
    }
  }
  return cut;
}

/** The spans of a turn that a verdict's evidence lies on, for `pieces`. */
export function evidenceSpans(turn, text, evidence) {
  const spans = [];
  for (const item of evidence) {
    if (item.turn === turn) spans.push({ start: item.start_utf16, end: item.end_utf16, item });
    if (item.before?.turn === turn) {
      spans.push({ start: utf16Place(text, item.before.start), end: utf16Place(text, item.before.end), item });
    }
  }
  return spans;
}
