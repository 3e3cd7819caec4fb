// A tree at a point, under a reading, as in answers/values/run.py and reading.py.

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
    if (part.kind === "sigma") return this.kept(this.rows(part) ? this.bySamples(part) : new Indices(this, part).value());
    return this.kept(OPERATIONS[part.kind](this, part, ...args));
  }

  // Whether rows of matrices stand in a sum, x_i for the sample i of X.
  rows(at) {
    return walk(at.args[0]).some(part => {
      if (part.kind !== "entry" || part.data.length !== 1 || part.args[0].kind !== "name") return false;
      const x = this.values.get(part.args[0].data);
      return x.rows && x.columns;
    });
  }

  // Σᵢ f(xᵢ, tᵢ): the sum of the values, each with its i.
  bySamples(at) {
    const nodes = walk(at.args[0]), arrays = new Map();
    for (const part of nodes) {
      const own = part.kind === "entry" && part.data === at.data && part.args[0].kind === "name";
      if ((INDEXED.includes(part.kind) || part.kind === "sigma") && !own) {
        throw new Misread(`beside rows only the index ${at.data} of their sum is read`, part.start, part.end);
      }
      if (part.kind === "entry") arrays.set(part, this.values.get(part.args[0].data));
    }
    const lengths = [...arrays.values()].map(x => [...x.rows ? [x.m] : [], ...x.columns ? [x.n] : []]);
    const samples = lengths[0].find(m => lengths.every(other => other.includes(m)));
    if (samples === undefined) {
      throw new Misread(`the quantities with the index ${at.data} have no size in common`, at.start, at.end);
    }
    const values = Array.from({length: samples}, (_, i) => {
      const found = new Map([...arrays].map(([part, x]) => [part, sample(x, samples, i)]));
      for (const part of nodes.toReversed()) {
        if (!found.has(part)) found.set(part, this.node(part, part.args.map(arg => found.get(arg))));
      }
      return found.get(nodes[0]);
    });
    return values.reduce((a, b) => plus(this, at, a, b));
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

// The entry i of a vector, the row i of a matrix with so many rows, its column i otherwise.
function sample(x, samples, i) {
  if (x.vector) return scalar(x.array.data[i]);
  return column(x.m === samples ? Array.from({length: x.n}, (_, j) => x.array.at(i, j))
    : Array.from({length: x.m}, (_, j) => x.array.at(j, i)));
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
