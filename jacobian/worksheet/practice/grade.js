// The verdict on a typed answer, as in answers/grade.py, by a sealed question.

function grade(asked, text) {
  try {
    if (asked.asks === "shape") return shape(asked, text);
    const signs = tokenize(text);
    if (asked.asks === "numbers") return numbers(asked, text, checked(read(signs, new Names([]), [], !asked.rights[0].scalar)));
    return formula(asked, signs, checked(read(signs, asked.names, asked.functions)));
  } catch (error) {
    if (error instanceof Misread) return unclear(error.sentence, error.start, error.end);
    if (!(error instanceof TooMuch)) throw error;
    return unclear("this would take more room than an answer needs: write it with fewer and smaller parts", 0,
                   [...text].slice(0, LIMITS.length).join("").length);
  }
}

function checked(tree) {
  if (depth(tree) > LIMITS.deep) throw new TooMuch();
  return tree;
}

// How the answer may be meant, the likeliest first, by the signs in it.
function readings(asked, signs, tree) {
  const nodes = walk(tree), entries = nodes.filter(n => INDEXED.includes(n.kind));
  const {paper, entrywise, MATLAB, NumPy, indices} = READINGS, columns = READINGS["NumPy with columns"];
  if (entries.length && !nodes.some(n => n.kind === "sigma")) {
    const letters = new Set(entries.flatMap(n => [...n.data]));
    return [letters.size > asked.rights[0].rows + asked.rights[0].columns ? indices : paper];
  }
  if (signs.numpy && signs.matlab) return [NumPy, columns, paper, MATLAB];
  if (signs.numpy) return [NumPy, columns];
  if (signs.matlab) return [MATLAB, paper];
  if (signs.dotted) return [NumPy, columns, paper];
  return nodes.some(n => n.kind === "*") ? [paper, entrywise] : [paper];
}

function formula(asked, signs, tree) {
  const nodes = walk(tree);
  const listing = new Set(nodes.filter(n => is(n, "ones", "zeros", "reshape", "same")).flatMap(n => n.args));
  const list = nodes.find(n => n.kind === "list" && n.args.length > 1 && !listing.has(n));
  if (list) throw new Misread("a list stands here, where a formula is asked for", list.start, list.end);
  const tried = readings(asked, signs, tree).map(reading => attempt(asked, tree, reading));
  const plain = !(signs.matlab || signs.latex || nodes.some(n => n.kind === "turn"));
  if (plain && !tried.some(fits)) tried.push(...[attempt(asked, tree, READINGS.NumPy)].filter(t => t.right));
  if (!signs.numpy && !tried.some(t => t.right) && nodes.some(n => n.kind === "/")) {
    tried.push(...[attempt(asked, tree, READINGS.division)].filter(t => t.right));
  }
  const right = tried.filter(t => t.right), fitting = tried.filter(fits), certain = signs.numpy !== signs.matlab;
  if (right.length && (right.length === fitting.length || (certain && right[0] === tried[0]))) {
    return accepted(right[0] === tried[0] ? "" : `read ${right[0].reading.words}`);
  }
  if (right.length) return askedBack(tree, right[0], fitting.find(t => !t.right));
  if (attempt(asked, tree, READINGS.fits).right) {
    const at = tried.find(t => t.misfits.length)?.misfits[0][0] ?? tree;
    return unclear("the sizes fit here only where a product goes entry by entry: is it meant so? Then write .* or ∘",
                   at.start, at.end, ["the matrix product", "the product entry by entry"]);
  }
  return wrongly(asked, tree, tried);
}

function askedBack(tree, right, other) {
  const divided = right.reading === READINGS.division;
  const sign = walk(tree).find(n => n.kind === (divided ? "/" : "*")) ?? tree;
  const ways = [right.reading.words, divided ? "with / entry by entry" : other.reading.words];
  const told = divided ? "inv(…) for an inverse, ./ for the quotient entry by entry"
    : "@ or a blank for the matrix product, .* or ∘ for the product entry by entry";
  return unclear(`this can be read in two ways, ${ways.join(" or ")}: write ${told}`, sign.start, sign.end, ways.sort());
}

const fits = t => !t.misfits.length;

// The answer under one reading: its values at each point, and what did not fit.
function attempt(asked, tree, reading) {
  const values = [], misfits = [];
  for (const point of asked.points) {
    const run = new Run(point, reading);
    values.push(run.value(tree));
    misfits.push(...run.misfits);
  }
  return {reading, values, misfits, right: !misfits.length && isRight(values, asked.rights, reading.flat)};
}

// The simplest misconception that explains the answer under a reading.
function wrongly(asked, tree, tried) {
  const ordered = [...tried.filter(fits), ...tried.filter(t => !fits(t))], first = ordered[0];
  const [misfit, words] = first.misfits[0] ?? [tree, ""], place = fits(first) ? null : [misfit.start, misfit.end];
  const values = ordered.map(t => [t.reading, twoValues(asked, tree, t)]);
  const named = name => wrong(name, SENTENCES[name], place);
  const single = known(asked, asked.single, values);
  if (single) return named(single);
  if (first.values[0].scalar !== asked.rights[0].scalar) return wrong("shape", SENTENCES.shape);
  for (const t of ordered) {
    const found = mended(asked, tree, t.reading);
    if (found) return found;
  }
  const pair = known(asked, asked.pairs, values);
  if (pair) return named(pair);
  if (!fits(first)) return wrong("sizes", `The sizes do not fit here: ${words}.`, place);
  const axes = x => x.rows + x.columns;
  if (axes(first.values[0]) !== axes(asked.rights[0])) return wrong("shape", SENTENCES.shape);
  return wrong(null, shaped(first, asked) ? "The shape is right, but not the value." : "The shape is another one.");
}

function known(asked, rows, values) {
  const found = values.map(([reading, given]) => [reading, asked.find(rows, given)])
    .filter(([reading, row]) => row && !(row.name === "entrywise product" && reading === READINGS.entrywise))
    .map(([, row]) => row);
  return found.length ? found.reduce((best, row) => row.cost < best.cost ? row : best).name : null;
}

// The values at two points; where sizes do not fit, with derivatives of activations as one node.
function twoValues(asked, tree, t) {
  if (fits(t)) return t.values.slice(0, 2);
  const strict = asked.folded(resolve(tree, t.reading));
  return asked.points.slice(0, 2).map(point => new Run(point, t.reading).value(strict));
}

function shaped(t, asked) {
  return asked.rights.every((right, k) => {
    const mark = fingerprint(t.values[k], right);
    return mark !== null && sameShape(mark, fingerprint(right, right));
  });
}

// The mistake whose undoing at one place of the student's tree makes it right, and the place.
function mended(asked, tree, reading) {
  const nodes = walk(tree);
  if (nodes.length > LIMITS.repaired || nodes.some(n => is(n, "entry", "sigma"))) return null;
  const strict = asked.folded(resolve(tree, reading)), memo = new Map();
  let left = LIMITS.mended;
  for (const [mistake, mutant, at] of mutants(strict, CHEAPEST, asked.context(strict))) {
    if (left-- === 0) return null;
    const [value, fitting] = new Run(asked.points[0], READINGS.paper, memo).shared(mutant);
    if (fitting && isRightAt(value, asked.rights[0], false) && isRight(asked.points.map(
      point => new Run(point, READINGS.paper).value(mutant)), asked.rights)) {
      const name = mistake.undone || mistake.name;
      return wrong(name, SENTENCES[name], [at.start, at.end]);
    }
  }
  return null;
}
