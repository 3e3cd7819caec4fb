// What each kind of node makes of its operands, with a result for any, as in answers/values.

class Run {
  constructor(values, reading, memo = new Map()) {
    Object.assign(this, {values, reading, memo, misfits: [], work: 0});
  }

  get hint() { return this.values.get(HINT)?.first ?? 1; }

  kept(value) {
    this.work += value.length;
    if (value.length > LIMITS.entries || this.work > LIMITS.work) throw new TooMuch();
    return value;
  }

  misfit(at, ...args) { this.misfits.push([at, args.map(arg => arg.words()).join(" and ")]); }

  value(root) { return this.all(root).get(root); }

  // The value of every node, a sum over an index and what stands in it taken as one.
  all(root) {
    const nodes = outside(root), found = new Map();
    if (nodes.some(part => INDEXED.includes(part.kind))) {
      const inner = root.kind === "turn" ? root.args[0] : root;
      const value = new Indices(this, inner).value();
      return new Map([[root, inner === root ? value : value.T]]);
    }
    for (const part of nodes.reverse()) {
      found.set(part, this.node(part, part.kind === "sigma" ? [] : part.args.map(arg => found.get(arg))));
    }
    return found;
  }

  node(part, args) {
    if (part.kind === "name") return this.values.get(part.data);
    if (part.kind === "sigma") return this.kept(new Indices(this, part).value());
    return this.kept(OPERATIONS[part.kind](this, part, ...args));
  }

  // The value of a tree and whether its sizes fit; of the parts that other trees have, too, it is remembered.
  shared(root) {
    if (walk(root).some(part => part.kind === "sigma" || INDEXED.includes(part.kind))) {
      const value = this.value(root);
      return [value, !this.misfits.length];
    }
    return this.remembered(root);
  }

  remembered(part) {
    if (!this.memo.has(part)) {
      const args = part.args.map(arg => this.remembered(arg)), before = this.misfits.length;
      const value = this.node(part, args.map(([x]) => x));
      this.memo.set(part, [value, this.misfits.length === before && args.every(([, fits]) => fits)]);
    }
    return this.memo.get(part);
  }
}

// The nodes that are not inside a sum over an index, the root first.
function outside(root) {
  const found = [], stack = [root];
  while (stack.length) {
    const part = stack.pop();
    found.push(part);
    if (part.kind !== "sigma") stack.push(...part.args.slice().reverse());
  }
  return found;
}

function size(at, s) {
  const n = s.first;
  if (!(s.scalar && n >= 1 && n <= LIMITS.size && Number.isInteger(n))) {
    throw new Misread(`a size is a whole number from 1 to ${LIMITS.size}`, at.start, at.end);
  }
  return n;
}

// ---- arithmetic -----------------------------------------------------------------------------------------------------

const add = (a, b) => a + b, multiply = (a, b) => a * b;

// xᵏ as NumPy has it: 1 to any power is 1.
const raise = (x, k) => x === 1 || (x === -1 && Math.abs(k) === Infinity) ? 1 : x ** k;
const larger = (a, b) => Number.isNaN(a + b) ? NaN : Math.max(a, b);
const smaller = (a, b) => Number.isNaN(a + b) ? NaN : Math.min(a, b);
const COMPARE = {">": (a, b) => a > b, "<": (a, b) => a < b, ">=": (a, b) => a >= b, "<=": (a, b) => a <= b,
                 "==": (a, b) => a === b, "!=": (a, b) => a !== b};

function product(run, at, a, b) {
  if (a.scalar || b.scalar || a.eye || b.eye) {
    const [s, x] = a.scalar || (a.eye && !b.scalar) ? [a, b] : [b, a];
    return x.map(entry => entry * s.first);
  }
  const flat = run.reading.flat;
  if (flat && a.vector && a.rows) a = a.T;
  if (flat && !a.columns && b.vector) b = b.rows ? b : b.T;
  const [m, n] = [a.n, b.m];
  if (a.free[1] && a.columns) a = new Value(a.array.stretched(a.m, n), a.rows, a.columns, [a.free[0], false], a.eye);
  if (b.free[0] && b.rows) b = new Value(b.array.stretched(m, b.n), b.rows, b.columns, [false, b.free[1]], b.eye);
  let array;
  if ((a.columns !== b.rows && Math.max(a.n, b.m) > 1) || a.n !== b.m) {
    if (run.reading.star === "fits" && a.kind(b) && a.array.same(b.array)) return a.of(a.array.zip(b.array, multiply));
    run.misfit(at, a, b);
    array = a.n !== b.m ? a.array.times(between(a.n, b.m)).times(b.array) : a.array.times(b.array);
  } else array = a.array.times(b.array);
  const made = new Value(array, a.rows, b.columns, [a.free[0], b.free[1]]);
  return flat && b.columns && !a.rows ? made.T : made;
}

const star = (run, at, a, b) => (run.reading.star === "times" ? times : product)(run, at, a, b);

function centre(run, at, a, b) {
  const columns = [a, b].every(x => x.rows && !x.columns) && a.array.same(b.array);
  if (columns && run.reading.star !== "times") return scalar(a.array.zip(b.array, multiply).sum());
  return product(run, at, a, b);
}

const entrywise = build => (run, at, first, second) => {
  const [a, b] = levelled(run, at, first, second);
  const free = a.scalar ? b.free : b.scalar ? a.free : [a.free[0] && b.free[0], a.free[1] && b.free[1]];
  return new Value(a.array.zip(b.array, build), a.rows || b.rows, a.columns || b.columns, free);
};

function levelled(run, at, a, b) {
  if (a.scalar || b.scalar) return b.eye ? [a.scalar ? a : scalar(1), b] : [a, b];
  if (a.eye && b.eye) return [a, b];
  if ((a.eye && (b.free[0] || b.free[1])) || (b.eye && (a.free[0] || a.free[1]))) {
    const shaped = a.eye ? b : a;
    const n = shaped.free[0] && shaped.free[1] ? run.hint : Math.max(shaped.m, shaped.n);
    [a, b] = [a.sized(n, n), b.sized(n, n)];
  }
  [a, b] = [a.sized(b.m, b.n), b.sized(a.m, a.n)];
  if (a.kind(b) && a.array.same(b.array)) return [a, b];
  const {flat, stretched} = run.reading;
  if (flat && a.vector && b.vector && a.length === b.length) return [a, b].map(x => x.rows ? x : x.T);
  if (flat) [a, b] = [a, b].map(x => x.vector && x.rows ? x.T : x);
  const meet = (p, q) => p === q || p === 1 || q === 1;
  if (stretched && meet(a.m, b.m) && meet(a.n, b.n)) {
    const [m, n] = [a.m === 1 ? b.m : a.m, a.n === 1 ? b.n : a.n];
    return [a, b].map(x => new Value(x.array.stretched(m, n), a.rows || b.rows, a.columns || b.columns, x.free, x.eye));
  }
  if (a.array.same(b.array) && a.length === 1) return [a, b];
  run.misfit(at, a, b);
  const smallerFirst = a.length - b.length || a.m - b.m || a.n - b.n;
  const [target, other] = smallerFirst < 0 ? [b, a] : [a, b];
  let array = target.m === other.m ? other.array : between(target.m, other.m).times(other.array);
  array = target.n === other.n ? array : array.times(between(other.n, target.n));
  const moved = target.of(array);
  return other === a ? [moved, b] : [a, moved];
}

const times = entrywise(multiply), added = entrywise(add);
const plus = (run, at, a, b) => a.eye && b.eye ? a.of(a.array.zip(b.array, add)) : added(run, at, a, b);
const minus = (run, at, a, b) => plus(run, at, a, b.map(x => -x));

function divide(run, at, a, b) {
  if (!b.scalar && !a.scalar && at.kind === "/" && run.reading.sums) run.misfit(at, a, b);
  if (b.scalar) return a.map(x => x / b.first);
  return times(run, at, a, b.map(x => 1 / x));
}

function compare(run, at, first, second) {
  const [a, b] = levelled(run, at, first, second);
  return (a.scalar ? b : a).of(a.array.zip(b.array, (x, y) => Number(COMPARE[at.data](x, y))));
}

const bounded = k => Math.abs(k.first) <= LIMITS.size ? k.first : NaN;

function power(run, at, a, k) {
  if (k.scalar) return a.map(x => raise(x, bounded(k)));
  if (!a.scalar) return entrywise(raise)(run, at, a, k);
  return times(run, at, a.map(() => 1), k.map(x => Math.exp(Math.log(a.array.sum() / a.length) * x)));
}

function caret(run, at, a, k) {
  const square = a.rows && a.columns && !a.eye && a.m === a.n && a.length > 1;
  if (!k.scalar || run.reading.star === "times" || !(a.rows && a.columns) || a.eye) return power(run, at, a, k);
  const exponent = bounded(k);
  if (!square || !Number.isInteger(exponent)) {
    if (exponent !== 2 || !square) run.misfit(at, a);
    return power(run, at, a, k);
  }
  if (Math.abs(exponent) > LIMITS.power || (exponent < 0 && !a.array.regular)) return a.map(() => NaN);
  const base = exponent < 0 ? a.array.inverse : a.array;
  let array = Matrix.eye(a.m);
  for (let n = 0; n < Math.abs(exponent); n++) array = array.times(base);
  return a.of(array);
}

// ---- functions ------------------------------------------------------------------------------------------------------

// A function of what is no number is none.
const mapped = f => (run, at, x) => new Value(x.array.map(s => Number.isNaN(s) && !f(at).order ? NaN : f(at).value(s)),
                                              x.rows, x.columns, x.free);

function turn(run, at, x) {
  const inner = at.args[0];
  const neutral = inner.kind === "list" && !["blanks", "grid"].includes(inner.data[2]) && inner.data[0] === 1;
  return x.vector && (neutral || run.reading.flat) ? x : x.T;
}

const reduction = reduce => (run, at, x, along) => {
  let axis = at.data;
  if (along !== undefined) axis = size(at, along.map(s => s + 1)) - 1 - (run.reading.sums ? 1 : 0);
  else if (axis === null) axis = run.reading.sums && x.rows && x.columns ? 0 : null;
  if (axis === null || !(x.rows && x.columns)) return scalar(reduce(x.array));
  if (axis !== 0 && axis !== 1) {
    run.misfit(at, x);
    return scalar(reduce(x.array));
  }
  const lines = axis === 1 ? x.array : x.array.T;
  const made = column(Array.from({length: lines.m}, (_, i) => reduce(Matrix.of(1, lines.n, (_, j) => lines.at(i, j)))));
  return run.reading.sums && axis === 0 ? made.T : made;
};

function softmax(run, at, x) {
  const lines = x.columns ? x.array : x.array.T, rows = [];
  for (let i = 0; i < lines.m; i++) {
    const row = [...lines.data.slice(i * lines.n, (i + 1) * lines.n)], top = Math.max(...row);
    const e = row.map(s => Math.exp(s - top)), total = e.reduce(add, 0);
    rows.push(...e.map(s => s / total));
  }
  const made = new Matrix(lines.m, lines.n, Float64Array.from(rows));
  return x.of(x.columns ? made : made.T);
}

function diag(run, at, x) {
  if (x.eye || x.scalar) return x;
  if (x.vector || ((x.m === 1 || x.n === 1) && x.length > 1)) {
    return matrix(Matrix.of(x.length, x.length, (i, j) => i === j ? x.array.data[i] : 0));
  }
  if (x.m !== x.n) run.misfit(at, x);
  return column(Array.from({length: Math.min(x.m, x.n)}, (_, i) => x.array.at(i, i)));
}

function inv(run, at, x) {
  if (x.scalar || x.eye) return x.map(s => 1 / s);
  if (x.m !== x.n) {
    run.misfit(at, x);
    return x.T.of(between(x.n, x.m));
  }
  return x.array.regular ? x.of(x.array.inverse) : x.map(() => NaN);
}

const ofSquare = f => (run, at, x) => {
  if (x.m === x.n) return scalar(f(x.array));
  run.misfit(at, x);
  return scalar(x.array.sum());
};
const det = ofSquare(x => x.det);

function outer(run, at, a, b) {
  if (a.scalar || b.scalar) return product(run, at, a, b);
  if (!(a.vector && b.vector) && ![a.m, a.n, b.m, b.n].includes(1)) return kron(run, at, a, b);
  return matrix(Matrix.of(a.length, b.length, (i, j) => a.array.data[i] * b.array.data[j]));
}

function inner(run, at, a, b) {
  if (a.length === b.length) return scalar(a.array.data.reduce((total, x, k) => total + x * b.array.data[k], 0));
  run.misfit(at, a, b);
  return scalar(a.array.sum() * b.array.sum());
}

function kron(run, at, a, b) {
  if (a.length * b.length > LIMITS.entries) throw new TooMuch();
  const array = Matrix.of(a.m * b.m, a.n * b.n, (i, j) =>
    a.array.at(Math.floor(i / b.m), Math.floor(j / b.n)) * b.array.at(i % b.m, j % b.n));
  return new Value(array, a.rows || b.rows, a.columns || b.columns);
}

const solve = (run, at, a, b) => product(run, at, inv(run, at, a), b);
const where = (run, at, c, x, y) => plus(run, at, times(run, at, c, x), times(run, at, c.map(s => 1 - s), y));
const extreme = pick => (run, at, a, b) => b === undefined ? scalar(a.array.data.reduce(pick)) : entrywise(pick)(run, at, a, b);

function norm(run, at, x, order) {
  if (order !== undefined && order.first === 1) return scalar(x.array.map(Math.abs).sum());
  return scalar(Math.sqrt(x.array.map(s => s * s).sum()));
}

function bars(run, at, x) {
  if (x.scalar) return x.map(Math.abs);
  return x.vector ? norm(run, at, x) : det(run, at, x);
}

function adjugate(run, at, x) {
  const inverse = inv(run, at, x), factor = det(run, at, x).first;
  return inverse.map(s => s * factor);
}

const asColumn = (run, at, x) => new Value(x.array.reshape(x.length, 1), true, run.reading.flat);
const asRow = (run, at, x) => new Value(x.array.reshape(1, x.length), run.reading.flat, true);

// ---- arrays that are written out or filled --------------------------------------------------------------------------

function listed(run, at, ...items) {
  const [m, n, way] = at.data;
  if (items.length === 1) return items[0];
  if (items.every(x => x.scalar)) {
    const array = new Matrix(m, n, Float64Array.from(items, x => x.first));
    if (m > 1 && n > 1) return matrix(array);
    return m === 1 && ["blanks", "grid"].includes(way) ? new Value(array, false, true) : column(array.data);
  }
  const joined = Float64Array.from(items.flatMap(x => [...x.array.data]));
  if (m === 1 && items.every(x => x.vector && x.length === items[0].length)) {
    return matrix(new Matrix(items.length, items[0].length, joined));
  }
  run.misfit(at, ...items.slice(0, 2));
  return column(joined);
}

const filled = (x, free) => (run, at, ...sizes) => {
  if (sizes.length === 1 && !sizes[0].scalar) sizes = [...sizes[0].array.data].map(scalar);
  const [m, n] = sizes.map(s => size(at, s));
  if (n === undefined) {
    if (m === undefined) return free;
    return run.reading.sums ? matrix(Matrix.full(m, m, x)) : column(Matrix.full(m, 1, x).data);
  }
  const made = Matrix.full(m, n, x);
  return run.reading.flat ? matrix(made) : new Value(made, m > 1 || n === 1, n > 1);
};

const eye = (run, at, ...sizes) => sizes.length ? matrix(Matrix.eye(size(at, sizes[0]))) : EYE;

function reshape(run, at, x, ...sizes) {
  const shape = sizes.flatMap(v => [...v.array.data.slice(0, 3)]).map(n => n === -1 ? -1 : size(at, scalar(n)));
  const open = shape.filter(n => n === -1).length, known = shape.filter(n => n !== -1).reduce(multiply, 1);
  if (open > 1 || shape.length > 2 || (open ? x.length % known : x.length !== known)) {
    run.misfit(at, x);
    return x;
  }
  const [m, n] = shape.map(length => length === -1 ? x.length / known : length);
  if (n === undefined) return column(x.array.data);
  const made = x.array.reshape(m, n);
  return run.reading.flat ? matrix(made) : new Value(made, m > 1, n > 1);
}

function einsum(run, at, spec, ...args) {
  const text = typeof at.args[0].data === "string" && at.args[0].kind === "string" ? at.args[0].data : "";
  const [inputs, ...rest] = text.replaceAll(" ", "").split("->"), output = rest.join("->"), parts = inputs.split(",");
  const lengths = new Map();
  const shapes = args.map(x => [...x.rows ? [x.m] : [], ...x.columns ? [x.n] : []]);
  let fits = parts.length === args.length && /^[a-z,]*$/.test(inputs)
    && [...output].every(c => c !== "," && inputs.includes(c));
  for (let k = 0; k < Math.min(parts.length, args.length); k++) {
    fits = fits && shapes[k].length === parts[k].length;
    for (let j = 0; fits && j < shapes[k].length; j++) {
      const c = parts[k][j];
      if (!lengths.has(c)) lengths.set(c, shapes[k][j]);
      fits = lengths.get(c) === shapes[k][j];
    }
  }
  if (!fits || output.length > 2 || lengths.size > 5 || new Set(output).size < output.length) {
    run.misfit(at, ...args.slice(0, 2));
    return scalar(args.reduce((total, x) => total + x.array.sum(), 0));
  }
  const letters = [...output, ...[...lengths.keys()].filter(c => !output.includes(c))];
  const all = letters.map(c => lengths.get(c)), inside = all.slice(output.length).reduce(multiply, 1);
  const made = new Float64Array(all.slice(0, output.length).reduce(multiply, 1));
  room(made.length, inside);
  for (let k = 0; k < made.length * inside; k++) {
    const index = new Map();
    for (let j = letters.length - 1, rest = k; j >= 0; j--) {
      index.set(letters[j], rest % all[j]);
      rest = Math.floor(rest / all[j]);
    }
    made[Math.floor(k / inside)] += args.reduce((total, x, i) => total * x.array.data[
      [...parts[i]].reduce((place, c) => place * lengths.get(c) + index.get(c), 0)], 1);
  }
  return output.length === 0 ? scalar(made[0]) : output.length === 1 ? column(made) : matrix(new Matrix(all[0], all[1], made));
}

// ---- indices --------------------------------------------------------------------------------------------------------

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
    const [m, n] = used.map(c => this.lengths.get(c));
    return m === undefined ? scalar(array.data[0]) : n === undefined ? column(array.data) : matrix(new Matrix(m, n, array.data));
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
      const array = args[0][0], flat = new Value(new Matrix(1, array.data.length, array.data), false, array.data.length > 1);
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
    return [Axes.of(shape, index => vector ? array.data[index[places[0]]] : array.at(index[places[0]], index[places[1]])),
            new Set(letters)];
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

// ---- the table ------------------------------------------------------------------------------------------------------

const OPERATIONS = bare({
  number: (run, at) => scalar(at.data), ones: filled(1, ONES), eye, zeros: filled(0, scalar(0)), e: () => scalar(Math.E),
  string: () => scalar(0), unknown: () => scalar(0), "+": plus, "-": minus, neg: (run, at, x) => x.map(s => -s),
  "*": star, dot: product, cdot: centre, product, times, "/": divide, over: divide, "^": caret, power, turn, compare,
  map: mapped(at => at.data), slope: mapped(at => at.data.prime),
  sum: reduction(x => x.sum()), mean: reduction(x => x.sum() / x.size), norm,
  sumsq: (run, at, x) => scalar(x.array.map(s => s * s).sum()),
  "half square": (run, at, x) => scalar(x.array.map(s => s * s).sum() / 2), bars, adj: adjugate, softmax, diag, inv, det,
  logdet: ofSquare(x => Math.log(x.det)), trace: ofSquare(x => x.data.reduce((total, s, k) => k % (x.n + 1) ? total : total + s, 0)),
  vec: (run, at, x) => column(x.array.data), outer, inner, kron, solve, where, maximum: extreme(larger),
  minimum: extreme(smaller), step: (run, at, x) => x.map(s => Number(s > 0)),
  length: (run, at, x) => scalar(x.rows ? x.m : x.length), extent: (run, at, x) => scalar(at.data ? x.n : x.m),
  list: listed, "ones like": (run, at, x) => x.map(() => 1), same: (run, at, x) => x, reshape, einsum, column: asColumn,
  row: asRow,
});
