// Sums, products, quotients and powers that have a result for any operands, as in answers/values/arithmetic.py.

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
