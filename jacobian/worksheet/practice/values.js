// Arrays that an answer is computed with, as in answers/values/value.py: row by row, with two axes of which those that
// are not there have length 1.

class TooMuch extends Error {}

class Misread extends Error {
  constructor(sentence, start, end) {
    super(sentence);
    Object.assign(this, {sentence, start, end});
  }
}

// Numbers from 0 to 1, of the key and the place the mix of MurmurHash3.
function fixed(key, length) {
  room(length, 1);
  return Float64Array.from({length}, (_, place) => {
    let mixed = place;
    for (const word of key) {
      mixed = mixed + Math.imul(word, 0x9E3779B9) >>> 0;
      for (const [shift, factor] of [[16, 0x85EBCA6B], [13, 0xC2B2AE35], [16, 1]]) {
        mixed = Math.imul(mixed ^ mixed >>> shift, factor) >>> 0;
      }
    }
    return mixed / 2 ** 32;
  });
}

function room(m, n) {
  if (m * n > LIMITS.work) throw new TooMuch();
}

// ---- matrices -------------------------------------------------------------------------------------------------------

class Matrix {
  constructor(m, n, data) {
    Object.assign(this, {m, n, data});
  }

  static of(m, n, entry) {
    room(m, n);
    const data = new Float64Array(m * n);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) data[i * n + j] = entry(i, j);
    return new Matrix(m, n, data);
  }

  static eye(n) { return Matrix.of(n, n, (i, j) => i === j ? 1 : 0); }
  static full(m, n, x) { return Matrix.of(m, n, () => x); }

  at(i, j) { return this.data[i * this.n + j]; }
  get size() { return this.m * this.n; }
  get T() { return Matrix.of(this.n, this.m, (i, j) => this.at(j, i)); }
  get finite() { return this.data.every(Number.isFinite); }
  get largest() { return this.data.reduce((found, x) => Math.max(found, Math.abs(x)), 0); }

  map(f) { return new Matrix(this.m, this.n, this.data.map(f)); }
  reshape(m, n) { return new Matrix(m, n, this.data); }
  sum() { return this.data.reduce((a, b) => a + b, 0); }
  same(other) { return this.m === other.m && this.n === other.n; }

  // Entry by entry; axes of length 1 are stretched.
  zip(other, f) {
    const [m, n] = [this.m === 1 ? other.m : this.m, this.n === 1 ? other.n : this.n];
    return Matrix.of(m, n, (i, j) => f(this.at(this.m === 1 ? 0 : i, this.n === 1 ? 0 : j),
                                       other.at(other.m === 1 ? 0 : i, other.n === 1 ? 0 : j)));
  }

  stretched(m, n) { return Matrix.of(m, n, (i, j) => this.at(this.m === 1 ? 0 : i, this.n === 1 ? 0 : j)); }

  times(other) {
    return Matrix.of(this.m, other.n, (i, j) => {
      let total = 0;
      for (let k = 0; k < this.n; k++) total += this.at(i, k) * other.at(k, j);
      return total;
    });
  }

  // [determinant, inverse] by elimination with pivots.
  eliminated() {
    const n = this.n, a = this.map(x => x).data, b = Matrix.eye(n).data;
    let det = 1;
    const swap = (x, i, j) => {
      for (let k = 0; k < n; k++) [x[i * n + k], x[j * n + k]] = [x[j * n + k], x[i * n + k]];
    };
    for (let c = 0; c < n; c++) {
      let pivot = c;
      for (let i = c; i < n; i++) if (Math.abs(a[i * n + c]) > Math.abs(a[pivot * n + c])) pivot = i;
      if (pivot !== c) {
        swap(a, pivot, c);
        swap(b, pivot, c);
        det = -det;
      }
      const head = a[c * n + c];
      det *= head;
      for (let i = 0; i < n; i++) {
        const s = i === c ? 0 : a[i * n + c] / head;
        for (let k = 0; s !== 0 && k < n; k++) {
          a[i * n + k] -= s * a[c * n + k];
          b[i * n + k] -= s * b[c * n + k];
        }
      }
    }
    return [det, Matrix.of(n, n, (i, j) => b[i * n + j] / a[i * n + i])];
  }

  get det() { return this.finite ? this.eliminated()[0] : NaN; }
  get inverse() { return this.eliminated()[1]; }
  get regular() { return this.finite && Math.abs(this.det) > 1e-12; }
}

const BETWEEN = new Map();

// R(m, n) = R(n, m)ᵀ.
function between(m, n) {
  const key = `${m} ${n}`;
  if (!BETWEEN.has(key)) {
    BETWEEN.set(key, m > n ? between(n, m).T : new Matrix(m, n, fixed([m, n], m * n).map(x => 0.3 + 1.4 * x)));
  }
  return BETWEEN.get(key);
}

// ---- values ---------------------------------------------------------------------------------------------------------

class Value {
  constructor(array, rows = false, columns = false, free = [false, false], eye = false) {
    Object.assign(this, {array, rows, columns, free, eye});
  }

  get m() { return this.array.m; }
  get n() { return this.array.n; }
  get length() { return this.array.size; }
  get first() { return this.array.data[0]; }
  get scalar() { return !(this.rows || this.columns || this.eye); }
  get vector() { return this.rows !== this.columns; }
  get loose() { return this.eye || this.free[0] || this.free[1]; }
  get T() { return new Value(this.array.T, this.columns, this.rows, [this.free[1], this.free[0]], this.eye); }

  of(array) { return new Value(array, this.rows, this.columns, this.free, this.eye); }
  map(f) { return this.of(this.array.map(f)); }
  kind(other) { return this.rows === other.rows && this.columns === other.columns; }

  sized(m, n) {
    if (this.eye) return new Value((m === n ? Matrix.eye(m) : between(m, n)).map(x => x * this.first), true, true);
    if (!this.loose) return this;
    const shape = [this.free[0] ? m : this.m, this.free[1] ? n : this.n];
    return new Value(this.array.stretched(...shape), this.rows, this.columns);
  }

  words() {
    if (this.scalar) return "a scalar";
    if (this.eye) return "an identity";
    if (this.rows && this.columns) return `a ${this.m} × ${this.n} matrix`;
    return this.rows ? `a column of ${this.m}` : `a row of ${this.n}`;
  }

  // What `seal.py` writes of a value.
  static read([flags, m, n, ...entries]) {
    const flag = k => Boolean(flags >> k & 1);
    return new Value(new Matrix(m, n, Float64Array.from(entries, x => x ?? NaN)), flag(0), flag(1), [flag(2), flag(3)],
                     flag(4));
  }
}

const scalar = x => new Value(Matrix.full(1, 1, Number(x)));
const column = data => new Value(new Matrix(data.length, 1, Float64Array.from(data)), true, false);
const matrix = array => new Value(array, true, true);
const withAxes = ([m, n], data) => m === undefined ? scalar(data[0]) : n === undefined ? column(data)
  : matrix(new Matrix(m, n, data));
const ONES = new Value(Matrix.full(1, 1, 1), true, false, [true, false]);
const ZEROS = ONES.map(() => 0);
const EYE = new Value(Matrix.full(1, 1, 1), true, true, [false, false], true);
