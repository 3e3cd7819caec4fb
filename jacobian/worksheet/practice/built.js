// Arrays that are written out or filled, as in answers/values/built.py.

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
    return run.reading.sums && at.data !== "vector" ? matrix(Matrix.full(m, m, x)) : column(Matrix.full(m, 1, x).data);
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
  return withAxes(all.slice(0, output.length), made);
}
