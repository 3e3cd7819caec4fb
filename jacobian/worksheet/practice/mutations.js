// How people change an answer, as in answers/mutations.py: each takes a node and gives what may stand in its place.

const place = (at, kind, args, data = null) => node(kind, args, data, at.start, at.end);
const constant = x => node("number", [], x);
const named = name => node("name", [], name);
const untransposed = at => at.kind === "turn" ? at.args[0] : at;
const is = (at, ...kinds) => kinds.includes(at.kind);

class Context {
  constructor(values, names, sizes, whole, given) {
    Object.assign(this, {values, names, sizes, whole, given});
    this.nodes = walk(whole);
  }

  array(at) { return this.values.has(at) ? !this.values.get(at).scalar : true; }

  square(at) {
    const value = this.values.get(at);
    return value !== undefined && value.rows && value.columns && value.m === value.n;
  }

  isSize(name) { return this.sizes.includes(name); }
  get quantities() { return [...this.names.keys()].filter(name => !this.isSize(name)); }
}

function factors(root, kinds) {
  const found = [], stack = [root];
  while (stack.length) {
    const part = stack.pop();
    if (kinds.includes(part.kind)) stack.push(...part.args.slice().reverse());
    else found.push(part);
  }
  return found;
}

const chained = (kind, parts) => parts.reduce(
  (whole, part) => node(kind, [whole, part], null, parts[0].start, part.end));

function* twos(parts) {
  for (let i = 0; i < parts.length; i++) for (let j = i + 1; j < parts.length; j++) yield [i, j];
}

function renamed(at, swap) {
  const data = at.kind === "name" && swap.has(at.data) ? swap.get(at.data) : at.data;
  return {...at, args: at.args.map(arg => renamed(arg, swap)), data};
}

function everywhere(at, f) {
  if (at.kind === "map" && at.data === f) return everywhere(at.args[0], f);
  return {...at, args: at.args.map(arg => everywhere(arg, f))};
}

function unturned(at) {
  const inner = untransposed(at);
  return {...inner, args: inner.args.map(unturned)};
}

const stem = name => canonical(name).replace(/[0-9]+$/, "");
const SIDES = {">": "<", "<": ">", ">=": "<=", "<=": ">="};

const MUTATE = {
  *negated(at, c) {
    if (at === c.whole) yield place(at, "neg", [at]);
    if (is(at, "+", "-")) {
      yield {...at, kind: at.kind === "+" ? "-" : "+"};
      yield place(at, at.kind, [place(at, "neg", [at.args[0]]), at.args[1]]);
    }
    if (at.kind === "neg") yield at.args[0];
  },

  *scaled(at, c) {
    if (at === c.whole || c.nodes.some(n => is(n, "+", "-") && n.args.includes(at))) {
      for (const s of [2, 1 / 2, 4, 1 / 4, 3, 1 / 3]) yield place(at, "product", [constant(s), at]);
    }
    const exponent = c.nodes.some(n => is(n, "power", "^") && n.args[1] === at);
    if (at.kind === "number" && at.data !== 0 && at.data !== 1 && !exponent) yield place(at, "number", [], 1);
  },

  *counted(at, c) {
    if (is(at, "sum", "mean")) yield {...at, kind: at.kind === "sum" ? "mean" : "sum"};
    if (at.kind === "name" && c.isSize(at.data)) {
      for (const n of c.sizes) if (n !== at.data) yield {...at, data: n};
      yield place(at, "number", [], 1);
    }
    if (at !== c.whole) return;
    for (const n of c.sizes) {
      const length = named(n);
      yield place(at, "product", [length, at]);
      yield place(at, "/", [at, length]);
      yield place(at, "product", [length, place(at, "product", [length, at])]);
    }
    const value = c.values.get(at);
    if (at.kind !== "diag" && value.rows && value.columns) {
      for (const kind of ["sum", "mean"]) for (const axis of [0, 1]) yield place(at, kind, [at], axis);
    }
    const means = c.nodes.filter(n => n.kind === "mean");
    if (means.length > 1) {
      const summed = (made, mean) => walk(made).includes(mean) ? put(made, mean, {...mean, kind: "sum"}) : made;
      yield means.reduce(summed, at);
    }
  },

  *unsummed(at) {
    if (is(at, "sum", "mean")) yield at.args[0];
    if (at.kind === "product" && at.args.some(arg => untransposed(arg).kind === "ones")) {
      for (const arg of at.args.filter(other => untransposed(other).kind !== "ones")) {
        yield arg;
        yield untransposed(arg);
      }
    }
  },

  *other_axis(at) {
    if (is(at, "sum", "mean") && at.data !== null) yield {...at, data: 1 - at.data};
    if (at.kind === "product" && at.args.some(arg => untransposed(arg).kind === "ones")) {
      const other = at.args.find(arg => untransposed(arg).kind !== "ones");
      if (other) {
        const moved = other.kind === "turn" ? other.args[0] : place(other, "turn", [other]);
        yield place(at, "product", [moved, node("ones")]);
      }
    }
  },

  *turned(at, c) {
    if (at.kind === "turn") yield at.args[0];
    else if (at !== c.whole && c.array(at) && !is(at, "number", "ones", "eye")) yield place(at, "turn", [at]);
    if (at === c.whole) yield unturned(at);
    if (at.kind === "product" && at.args.filter(arg => arg.kind === "turn").length === 1) {
      yield place(at, "product", at.args.map(arg => arg.kind === "turn" ? arg.args[0] : place(arg, "turn", [arg])));
    }
  },

  *lying(at) { yield at.kind === "turn" ? at.args[0] : place(at, "turn", [at]); },

  *exchanged(at, c) {
    if (at.kind !== "product") return;
    const parts = factors(at, ["product"]).slice(0, 5);
    for (const [i, j] of twos(parts)) {
      if (!(c.array(parts[i]) && c.array(parts[j]))) continue;
      const moved = parts.with(i, parts[j]).with(j, parts[i]);
      yield chained("product", moved);
      if ((parts[i].kind === "turn") !== (parts[j].kind === "turn")) {
        const [k, other] = moved[i].kind === "turn" ? [i, j] : [j, i];
        const turned = place(moved[other], "turn", [moved[other]]);
        yield chained("product", moved.with(k, untransposed(moved[k])).with(other, turned));
      }
    }
  },

  *entry_by_entry(at, c) {
    if (at.kind === "product" && at.args.every(arg => c.array(arg))) {
      yield {...at, kind: "times"};
      yield {...at, kind: "times", args: at.args.map(untransposed)};
    }
  },

  *multiplied(at, c) {
    if (at.kind === "times" && at.args.every(arg => c.array(arg))) {
      const [a, b] = at.args;
      yield {...at, kind: "product"};
      yield place(at, "product", [a, place(b, "turn", [b])]);
      yield place(at, "product", [place(a, "turn", [a]), b]);
    }
  },

  *undiagonal(at) {
    if (at.kind === "diag") {
      yield at.args[0];
      yield place(at, "turn", [at.args[0]]);
    }
  },

  *only_diagonal(at, c) {
    if (c.square(at) && at.kind !== "diag") {
      yield place(at, "diag", [place(at, "diag", [at])]);
      yield place(at, "diag", [at]);
    }
  },

  *symmetric(at) {
    if (at.kind === "+" && at.args.some(arg => arg.kind === "turn")) {
      for (const arg of at.args) yield place(at, "product", [constant(2), untransposed(arg)]);
    }
  },

  *reduced(at, c) {
    if (c.array(at)) for (const kind of ["sum", "norm", "diag", "vec"]) yield place(at, kind, [at]);
  },

  *no_slope(at) { if (at.kind === "slope") yield constant(1); },

  *slope_of_value(at) {
    if (at.kind === "slope") yield {...at, args: [place(at, "map", at.args, at.data)]};
  },

  *value_for_slope(at) {
    if (at.kind !== "slope") return;
    const one = constant(1), a = place(at, "map", at.args, at.data), square = place(at, "times", [a, a]);
    const rest = place(at, "-", [one, a]);
    yield* [a, rest, place(at, "times", [a, rest]), place(at, "-", [one, square]), square, place(at, "+", [one, a]),
            place(at, "+", [one, square]), place(at, "times", [a, place(at, "+", [one, a])])];
  },

  *slope_twice(at, c) {
    if (at.kind === "slope") yield place(at, "times", [at, at]);
    if (at !== c.whole) return;
    const whole = c.values.get(at), one = constant(1);
    for (const name of c.quantities) {
      const value = c.names.get(name), a = named(name);
      if (!value.scalar && value.kind(whole) && value.array.same(whole.array)) {
        yield place(at, "times", [at, place(at, "times", [a, place(at, "-", [one, a])])]);
      }
    }
    for (const part of c.nodes) {
      if (!is(part, "+", "-") || part === at || !c.array(part)) continue;
      for (const arg of part.args.filter(other => other.kind === "name")) {
        const slope = place(part, "times", [arg, place(part, "-", [one, arg])]);
        yield put(at, part, place(part, "times", [part, slope]));
      }
    }
  },

  *other_side(at, c) {
    if (at.kind === "slope" && (at.data === FUNCTIONS.ReLU[0] || at.data === FUNCTIONS.ELU[0])) {
      yield {...at, args: [place(at, "neg", at.args)]};
      for (const [name, value] of c.names) if (!value.scalar) yield {...at, args: [named(name)]};
    }
    if (at.kind === "compare") yield {...at, data: SIDES[at.data] ?? at.data};
  },

  *powered(at, c) {
    if (is(at, "power", "^") && at.args[1].kind === "number") {
      const exponent = at.args[1];
      for (const k of [-1, 1]) yield place(at, at.kind, [at.args[0], place(at, "number", [], exponent.data + k)]);
    }
    if (at.kind === "norm") yield place(at, "sumsq", at.args);
    if (at.kind === "sumsq") yield place(at, "norm", at.args);
    if (at.kind === "inv") yield at.args[0];
    if (at.kind === "/" && !c.array(at.args[1])) {
      yield place(at, "product", at.args);
      yield at.args[1];
    }
  },

  *unapplied(at, c) {
    if (is(at, "map", "inv", "norm", "logdet", "softmax")) yield at.args[0];
    if (at === c.whole) for (const n of c.nodes.filter(part => part.kind === "map")) yield everywhere(at, n.data);
    if (at.kind === "inv") {
      const det = place(at, "det", at.args);
      yield place(at, "product", [det, at]);
      yield place(at, "/", [constant(1), det]);
    }
  },

  *without_term(at) {
    if (!is(at, "+", "-")) return;
    yield at.args[0];
    yield at.args[1];
    yield place(at, "neg", [at.args[1]]);
    if (at.kind === at.args[0].kind) yield place(at, at.kind, [at.args[0].args[0], at.args[1]]);
  },

  *without_factor(at, c) {
    const both = args => [args, args.slice().reverse()];
    if (is(at, "product", "times", "/")) {
      yield at.args[0];
      yield at.kind !== "/" ? at.args[1] : place(at, "/", [constant(1), at.args[1]]);
    }
    if (is(at, "product", "times")) {
      for (const [s, x] of both(at.args)) {
        if (is(x, "+", "-")) yield place(at, x.kind, [{...at, args: [s, x.args[0]]}, x.args[1]]);
      }
    }
    if (at.kind === "-" && is(at.args[1], "product", "times")) {
      for (const [s, x] of both(at.args[1].args)) {
        if (!is(x, "+", "-")) continue;
        const first = place(at, "-", [at.args[0], {...at.args[1], args: [s, x.args[0]]}]);
        yield place(at, x.kind, [first, x.args[1]]);
      }
    }
    if (is(at, "norm", "sum", "mean") && at !== c.whole) yield constant(1);
  },

  *part_alone(at, c) {
    for (const part of walk(at)) if (part !== at && c.array(part) && !is(part, "ones", "eye", "number")) yield part;
  },

  *shifted(at, c) {
    if (at.kind !== "name" || c.isSize(at.data)) return;
    for (const other of c.quantities) {
      if (other !== at.data && stem(other) === stem(at.data)) yield {...at, data: other};
    }
  },

  *another(at, c) {
    if (at.kind === "name" && !c.isSize(at.data)) {
      for (const other of c.quantities) if (other !== at.data) yield {...at, data: other};
    }
    if (is(at, "map", "softmax", "slope") && at !== c.whole) yield at.args[0];
    if (at.kind === "name" && c.given.has(at.data)) yield* c.given.get(at.data).args;
    if (at !== c.whole) return;
    const others = c.quantities;
    yield* others.map(named);
    const used = new Set(c.nodes.filter(n => n.kind === "name" && others.includes(n.data)).map(n => n.data));
    for (const a of used) for (const b of others) if (a !== b) yield renamed(at, new Map([[a, b]]));
  },

  *exchanged_inputs(at, c) {
    if (at !== c.whole) return;
    const names = c.nodes.filter(n => n.kind === "name" && c.quantities.includes(n.data)).map(n => n.data);
    const used = [...new Set(names)];
    for (const [i, j] of twos(used)) {
      const [a, b] = [c.names.get(used[i]), c.names.get(used[j])];
      if (a.kind(b) && a.array.same(b.array)) yield renamed(at, new Map([[used[i], used[j]], [used[j], used[i]]]));
    }
  },
};

// Each tree with one of these mistakes, and the node that was changed.
function* mutants(tree, mistakes, context) {
  const nodes = walk(tree);
  for (const mistake of mistakes) {
    for (const at of mistake.whole ? nodes.slice(0, 1) : nodes) {
      for (const made of MUTATE[mistake.mutate](at, context)) yield [mistake, put(tree, at, made), at];
    }
  }
}
