// Functions of arrays that have a result for any operands, as in answers/values/functions.py.

// A function of what is no number is none.
const mapped = f => (run, at, x) => new Value(x.array.map(s => Number.isNaN(s) && !f(at).order ? NaN : f(at).value(s)),
                                              x.rows, x.columns, x.free);

function turn(run, at, x) {
  return x.vector && (neutral(at.args[0]) || run.reading.flat) ? x : x.T;
}

// Whether it is a list such as [1, 2, 3] or [[1, 2, 3]], which is taken for a row and for a column.
function neutral(at) {
  if (at.kind === "same" || (at.kind === "list" && at.args.length === 1)) return neutral(at.args[0]);
  return at.kind === "list" && !["blanks", "grid"].includes(at.data[2]) && at.data[0] === 1
    && at.args.every(arg => arg.kind !== "list");
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

function divide(run, at, a, b) {
  if (b.scalar) return a.map(x => x / b.first);
  if (at.kind === "/" && run.reading.divides && !a.scalar) {
    if (b.rows && b.columns) return product(run, at, a, inv(run, at, b));
    run.misfit(at, a, b);
  }
  return times(run, at, a, b.map(x => 1 / x));
}

const where = (run, at, c, x, y) => plus(run, at, times(run, at, c, x), times(run, at, c.map(s => 1 - s), y));
const extreme = pick => (run, at, a, b) =>
  b === undefined ? scalar(a.array.data.reduce((x, y) => pick(x, y))) : entrywise(pick)(run, at, a, b);

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
const lifted = (run, at, x) => x.vector ? asRow(run, at, x) : x;

function sizeAlong(run, at, x, axis) {
  if (axis === undefined) return scalar(x.length);
  const k = axis.scalar ? axis.first - run.reading.first : -1;
  if (k === 0 || k === 1) return scalar(k ? x.n : x.m);
  run.misfit(at, x, axis);
  return scalar(1);
}
