// What each kind of node does, as in answers/values/operations.py.

const OPERATIONS = bare({
  number: (run, at) => scalar(at.data), ones: filled(1, ONES), eye, zeros: filled(0, ZEROS),
  e: () => scalar(Math.E), string: () => scalar(0), unknown: () => scalar(0),
  "+": plus, "-": minus, neg: (run, at, x) => x.map(s => -s), "*": star, dot: product, cdot: centre, product, times,
  "/": divide, over: divide, "^": caret, power, turn, compare,
  map: mapped(at => at.data), slope: mapped(at => at.data.prime),
  sum: reduction(x => x.sum()), mean: reduction(x => x.sum() / x.size), norm,
  sumsq: (run, at, x) => scalar(x.array.map(s => s * s).sum()),
  "half square": (run, at, x) => scalar(x.array.map(s => s * s).sum() / 2),
  bars, adj: adjugate, softmax, diag, inv, det, logdet: ofSquare(x => Math.log(x.det)),
  trace: ofSquare(x => x.data.reduce((total, s, k) => k % (x.n + 1) ? total : total + s, 0)),
  vec: (run, at, x) => column(x.array.data), outer, inner, kron, solve, where,
  maximum: extreme(larger), minimum: extreme(smaller), step: (run, at, x) => x.map(s => Number(s > 0)),
  length: (run, at, x) => scalar(x.rows ? x.m : x.length), extent: (run, at, x) => scalar(at.data ? x.n : x.m),
  list: listed, "ones like": (run, at, x) => x.map(() => 1), same: (run, at, x) => x,
  size: sizeAlong, reshape, einsum, column: asColumn, row: asRow, lifted,
});
