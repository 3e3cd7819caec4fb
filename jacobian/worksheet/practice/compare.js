// Whether two values are the same, and fingerprints, as in answers/compare.py.

const near = (a, b, scale) => Math.abs(a - b) <= scale;

function close(a, b) {
  if (!a.finite || !b.finite) return false;
  const scale = LIMITS.close * Math.max(b.largest, LIMITS.small);
  return a.data.every((x, k) => near(x, b.data[k], scale));
}

const same = (a, b) => a.kind(b) && a.array.same(b.array) && close(a.array, b.array);
const isRight = (values, rights, flat = false) => values.every((value, k) => isRightAt(value, rights[k], flat));

function isRightAt(given, right, flat) {
  const value = given.loose ? given.sized(right.m, right.n) : given;
  const turned = flat && value.vector && right.vector && value.length === right.length;
  const array = turned ? value.array.reshape(right.m, right.n) : value.array;
  const lies = !value.kind(right) && !(array.m === 1 || array.n === 1 || right.scalar || value.length === 1);
  return array.same(right.array) && !lies && close(array, right.array);
}

// What tells one value from another: its kind, its shape, two random projections. None of what is not finite.
function fingerprint(given, right) {
  const value = given.loose ? given.sized(right.m, right.n) : given;
  if (!value.array.finite) return null;
  const projected = k => value.array.data.reduce((total, x, i) => total + weights(k, value)[i] * x, 0);
  return [Number(value.rows), Number(value.columns), value.m, value.n, projected(0), projected(1)];
}

const WEIGHTS = new Map();

function weights(k, value) {
  const key = `${k} ${value.m} ${value.n}`;
  if (!WEIGHTS.has(key)) WEIGHTS.set(key, fixed([k, value.m, value.n], value.length).map(x => 0.5 + x));
  return WEIGHTS.get(key);
}

const sameShape = (a, b) => a.slice(0, 4).every((n, k) => n === b[k]);

function alike(known, mark) {
  const scale = 1e-8 * (Math.max(Math.abs(known[4]), Math.abs(known[5])) + 1e-6);
  return sameShape(known, mark) && near(known[4], mark[4], scale) && near(known[5], mark[5], scale);
}
