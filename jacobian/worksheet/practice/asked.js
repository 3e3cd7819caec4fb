// A sealed question, as in answers/seal.py.

class Asked {
  constructor(seal) {
    const masked = Uint8Array.from(atob(seal.sealed), c => c.charCodeAt(0));
    const mask = fixed([seal.salt], masked.length);
    const hidden = JSON.parse(new TextDecoder().decode(masked.map((byte, k) => byte ^ Math.floor(mask[k] * 256))));
    Object.assign(this, {asks: seal.asks, symbols: seal.symbols, functions: seal.functions, sizes: seal.sizes,
                         names: new Names(seal.names), single: hidden.single ?? [], pairs: hidden.pairs ?? []});
    this.rights = hidden.rights.map(Value.read);
    const unknown = hidden.slopes ?? [];
    this.points = seal.points.map((shown, k) => {
      const point = new Map(Object.entries(shown).map(([name, x]) => [name, Value.read(x)]));
      unknown.forEach(([, values], i) => point.set(String(i), Value.read(values[k])));
      return point.set(HINT, scalar(this.rights[k].m));
    });
    this.given = new Map(seal.given.map(([name, text, reading]) =>
      [name, resolve(read(tokenize(text), this.names, this.functions), READINGS[reading])]));
    const others = unknown.map(([name], k) =>
      node("slope", [named(String(k))], (FUNCTIONS[name] ?? ABSTRACT[name])[0]));
    this.slopes = [...slopes([...this.given.values()]), ...others].map(slope => [slope, this.first().value(slope)]);
    this.numbered = (hidden.numbered ?? []).map(([code, cost, x]) => ({name: CODES[code], cost, value: Value.read(x)}));
  }

  // An evaluation at the first point.
  first() { return new Run(this.points[0], READINGS.paper); }

  context(tree) {
    const visible = [...this.points[0]].filter(([name]) => /^[\p{L}_]/u.test(name));
    return new Context(this.first().all(tree), new Map(visible), this.sizes, tree, this.given);
  }

  folded(tree) {
    for (let k = 0; k < 3; k++) {
      const done = fold(tree, this.slopes, this.first().all(tree));
      if (done === tree) break;
      tree = done;
    }
    return tree;
  }

  // The simplest mistake of some that gives these values at two points.
  find(rows, values) {
    const marks = values.map((value, k) => fingerprint(value, this.rights[k]));
    if (marks.includes(null)) return null;
    const row = rows.find(([, , known]) => known.every((mark, k) => alike(mark, marks[k])));
    return row ? {cost: row[0], name: CODES[row[1]]} : null;
  }
}
