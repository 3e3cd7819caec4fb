// Answers with indices: each letter is an axis of an array, as in answers/values/indices.py.

const INDEXED = ["entry", "same index"];
const PAIRS = bare({"*": multiply, dot: multiply, cdot: multiply, times: multiply, product: multiply, "+": add,
                    "-": (a, b) => a - b, "/": (a, b) => a / b, over: (a, b) => a / b, "^": raise, power: raise});

// An array with an axis for each letter: its lengths, its entries row by row.
class Axes {
  constructor(shape, data) {
    Object.assign(this, {shape, data});
  }

  // Of each place of an array of this shape what f makes of its indices.
  static of(shape, f) {
    const length = shape.reduce(multiply, 1), data = new Float64Array(length), index = shape.map(() => 0);
    room(length, 1);
    for (let k = 0; k < length; k++) {
      data[k] = f(index);
      for (let j = shape.length - 1; j >= 0 && ++index[j] === shape[j]; j--) index[j] = 0;
    }
    return new Axes(shape, data);
  }

  at(index) { return this.data[this.shape.reduce((place, n, k) => place * n + (n === 1 ? 0 : index[k]), 0)]; }
  map(f) { return new Axes(this.shape, this.data.map(f)); }

  zip(other, f) {
    const shape = this.shape.map((n, k) => n === 1 ? other.shape[k] : n);
    return Axes.of(shape, index => f(this.at(index), other.at(index)));
  }

  sum(axis) {
    const shape = this.shape.with(axis, 1);
    return Axes.of(shape, index => {
      let total = 0;
      for (let k = 0; k < this.shape[axis]; k++) total += this.at(index.with(axis, k));
      return total;
    });
  }
}

class Indices {
  constructor(run, root) {
    const letters = walk(root).filter(part => part.kind === "sigma" || INDEXED.includes(part.kind))
      .flatMap(part => [...part.data]);
    Object.assign(this, {run, root, letters: [...new Set(letters)].sort(), lengths: new Map(), found: new Map()});
    if (this.letters.length > LIMITS.letters) throw new TooMuch();
  }

  value() {
    for (const part of walk(this.root).reverse()) {
      if (part.kind === "name") continue;
      const [array, free] = this.part(part);
      this.found.set(part, [array, free]);
      this.run.kept({length: array.data.length});
    }
    let [array, free] = this.found.get(this.root);
    if (this.run.reading.repeated) {
      const all = walk(this.root).filter(part => part.kind === "entry").flatMap(part => [...part.data]);
      [array, free] = this.summed(array, free, [...free].filter(c => all.filter(other => other === c).length > 1));
    }
    const used = this.letters.filter(c => free.has(c));
    if (used.length > 2) {
      this.run.misfit(this.root, scalar(0));
      return scalar(array.data.reduce(add, 0) / array.data.length);
    }
    return withAxes(used.map(c => this.lengths.get(c)), array.data);
  }

  part(at) {
    if (at.kind === "entry") return this.entry(at);
    if (at.kind === "same index") {
      const known = at.data.find(c => this.lengths.has(c));
      const n = known !== undefined ? this.lengths.get(known)
        : Math.max(...[...this.run.values.values()].map(x => Math.max(x.m, x.n)));
      return this.placed(at, Matrix.eye(n), at.data);
    }
    const args = at.args.map(arg => this.found.get(arg) ?? this.plain(arg));
    const free = new Set(args.flatMap(([, letters]) => [...letters]));
    if (at.kind === "sigma") return this.summed(...args[0], [...at.data]);
    if (at.kind in PAIRS) return [args[0][0].zip(args[1][0], PAIRS[at.kind]), free];
    if (at.kind === "compare") return [args[0][0].zip(args[1][0], (x, y) => Number(COMPARE[at.data](x, y))), free];
    if (at.kind === "neg" || at.kind === "map") {
      const array = args[0][0], n = array.data.length, flat = new Value(new Matrix(1, n, array.data), false, n > 1);
      return [new Axes(array.shape, OPERATIONS[at.kind](this.run, at, flat).array.data), free];
    }
    if (at.kind === "number") return this.constant(at.data);
    throw new Misread("this is not read among indices", at.start, at.end);
  }

  entry(at) {
    const base = at.args[0], letters = [...at.data];
    const value = base.kind === "name" ? this.run.values.get(base.data) : scalar(0), axes = value.rows + value.columns;
    if (axes !== letters.length) {
      throw new Misread(`${letters.length} indices stand here, where there are ${axes} axes`, at.start, at.end);
    }
    return this.placed(at, value.array, letters);
  }

  // The array with its axes where those of its letters are; of one letter twice the diagonal.
  placed(at, array, letters) {
    const vector = letters.length === 1;
    letters.forEach((c, axis) => {
      const n = vector ? array.size : axis ? array.n : array.m;
      if (!this.lengths.has(c)) this.lengths.set(c, n);
      const m = this.lengths.get(c);
      if (m === n) return;
      this.run.misfit(at, scalar(0));
      if (vector) array = between(m, n).times(array.reshape(n, 1));
      else array = axis ? array.times(between(n, m)) : between(m, n).times(array);
    });
    const places = letters.map(c => this.letters.indexOf(c));
    const shape = this.letters.map(c => letters.includes(c) ? this.lengths.get(c) : 1);
    const [p, q] = places;
    return [Axes.of(shape, index => vector ? array.data[index[p]] : array.at(index[p], index[q])), new Set(letters)];
  }

  summed(array, free, over) {
    for (const c of new Set(over)) if (free.has(c)) array = array.sum(this.letters.indexOf(c));
    return [array, new Set([...free].filter(c => !over.includes(c)))];
  }

  plain(at) {
    const value = this.run.values.get(at.data);
    if (value.scalar) return this.constant(value.first);
    throw new Misread(`indices are missing at ${at.data}, as other quantities have some`, at.start, at.end);
  }

  constant(x) { return [new Axes(this.letters.map(() => 1), Float64Array.of(x)), new Set()]; }
}
