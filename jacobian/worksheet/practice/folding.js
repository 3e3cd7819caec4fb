// Every product decided, and derivatives of activations as one node, as in answers/folding.py.

function resolve(tree, reading) {
  const kind = tree.kind === "*" ? reading.star === "times" ? "times" : "product" : RESOLVED[tree.kind] ?? tree.kind;
  return {...tree, kind, args: tree.args.map(arg => resolve(arg, reading))};
}

const RESOLVED = bare({dot: "product", cdot: "product", over: "/"});

// f′(z) for each activation in the trees whose derivative is another function.
function slopes(trees) {
  const found = new Map();
  for (const at of trees.flatMap(walk).filter(part => part.kind === "map")) {
    const f = at.data.origin;
    const key = JSON.stringify([f.name, walk(at.args[0]).map(n => [n.kind, n.data?.name ?? n.data])]);
    if (!found.has(key) && f.sloped) found.set(key, node("slope", [resolve(at.args[0], READINGS.paper)], f));
  }
  return [...found.values()];
}

// One of them found.
function fold(tree, known, values) {
  for (const at of walk(tree)) {
    if (is(at, "slope", "name", "number") || !values.has(at)) continue;
    for (const [slope, value] of known) if (same(values.get(at), value)) return put(tree, at, slope);
    const parts = is(at, "times", "product") ? entryFactors(at, values) : [];
    for (const count of parts.length > 2 && parts.length <= LIMITS.most ? [2, 3] : []) {
      for (const chosen of combinations(parts, count)) {
        for (const [slope, value] of known) {
          if (!sameProduct(chosen.map(part => values.get(part)), value)) continue;
          const rest = [...parts.filter(part => !chosen.includes(part)), slope];
          return put(tree, at, rest.reduce((whole, part) => node(at.kind, [whole, part], null, at.start, at.end)));
        }
      }
    }
  }
  return tree;
}

function* combinations(parts, count) {
  if (count === 0) yield [];
  else for (let k = 0; k <= parts.length - count; k++) {
    for (const rest of combinations(parts.slice(k + 1), count - 1)) yield [parts[k], ...rest];
  }
}

function entryFactors(at, values) {
  const single = at.kind === "product" && at.args.some(arg => values.has(arg) && values.get(arg).scalar);
  return at.kind === "times" || single ? at.args.flatMap(arg => entryFactors(arg, values)) : [at];
}

function sameProduct(parts, value) {
  const arrays = parts.filter(part => !part.scalar), shown = arrays.length ? arrays : [scalar(1)];
  if (!shown.every(part => part.kind(value) && part.array.same(value.array))) return false;
  return close(parts.map(part => part.array).reduce((a, b) => a.zip(b, multiply)), value.array);
}
