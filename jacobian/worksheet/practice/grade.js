// The verdict on a typed answer, as in answers/grade.py, by a sealed question.

const accepted = (feedback = "") => ({verdict: "accepted", feedback, mistake: null, where: null, readings: []});
const wrong = (mistake, feedback, where = null) => ({verdict: "wrong", feedback, mistake, where, readings: []});
const unclear = (feedback, start, end, readings = []) =>
  ({verdict: "unclear", feedback, mistake: null, where: [start, end], readings});

// ---- comparing, as in answers/compare.py ----------------------------------------------------------------------------

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

// ---- a sealed question, as in answers/seal.py -----------------------------------------------------------------------

class Asked {
  constructor(seal) {
    const masked = Uint8Array.from(atob(seal.sealed), c => c.charCodeAt(0));
    const mask = fixed([seal.salt], masked.length);
    const hidden = JSON.parse(new TextDecoder().decode(masked.map((byte, k) => byte ^ Math.floor(mask[k] * 256))));
    Object.assign(this, {asks: seal.asks, symbols: seal.symbols, functions: seal.functions, sizes: seal.sizes,
                         names: new Names(seal.names), single: hidden.single ?? [], pairs: hidden.pairs ?? []});
    this.rights = hidden.rights.map(Value.read);
    const unknown = hidden.slopes ?? [];
    this.points = seal.points.map((shown, k) => {
      const point = new Map(Object.entries(shown).map(([name, x]) => [name, Value.read(x)]));
      unknown.forEach(([, values], i) => point.set(String(i), Value.read(values[k])));
      return point.set(HINT, scalar(this.rights[k].m));
    });
    this.given = new Map(seal.given.map(([name, text, reading]) =>
      [name, resolve(read(tokenize(text), this.names, this.functions), READINGS[reading])]));
    const others = unknown.map(([name], k) => node("slope", [named(String(k))], (FUNCTIONS[name] ?? ABSTRACT[name])[0]));
    this.slopes = [...slopes([...this.given.values()]), ...others].map(slope => [slope, new Run(this.points[0], READINGS.paper).value(slope)]);
    this.numbered = (hidden.numbered ?? []).map(([code, cost, x]) => ({name: CODES[code], cost, value: Value.read(x)}));
  }

  context(tree) {
    const visible = [...this.points[0]].filter(([name]) => /^[\p{L}_]/u.test(name));
    return new Context(new Run(this.points[0], READINGS.paper).all(tree), new Map(visible), this.sizes, tree, this.given);
  }

  folded(tree) {
    for (let k = 0; k < 3; k++) {
      const done = fold(tree, this.slopes, new Run(this.points[0], READINGS.paper).all(tree));
      if (done === tree) break;
      tree = done;
    }
    return tree;
  }

  // The simplest mistake of some that gives these values at two points.
  find(rows, values) {
    const marks = values.map((value, k) => fingerprint(value, this.rights[k]));
    if (marks.includes(null)) return null;
    const row = rows.find(([, , known]) => known.every((mark, k) => alike(mark, marks[k])));
    return row ? {cost: row[0], name: CODES[row[1]]} : null;
  }
}

// ---- products decided and derivatives as one node, as in answers/folding.py -----------------------------------------

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

// ---- formulas -------------------------------------------------------------------------------------------------------

function grade(asked, text) {
  try {
    if (asked.asks === "shape") return shape(asked, text);
    const signs = tokenize(text);
    if (asked.asks === "numbers") return numbers(asked, text, checked(read(signs, new Names([]), [])));
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
  const star = walk(tree).find(n => n.kind === "*") ?? tree;
  return unclear(`this can be read in two ways, ${right.reading.words} or ${other.reading.words}: write @ or a blank for `
    + "the matrix product, .* or ∘ for the product entry by entry", star.start, star.end,
                 [right.reading.words, other.reading.words].sort());
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

// ---- numbers, as in answers/numbers.py ------------------------------------------------------------------------------

const CERTAIN = 2.9, EXACT = 1e-9, ROUNDED = 2, FACTORS = [2, 0.5, 4, 0.25, 3, 1 / 3, 10, 0.1];
const slackOf = x => EXACT * Math.max(1, Math.abs(x));

function numbers(asked, text, tree) {
  const right = asked.rights[0];
  if (right.length === 1 && /^\s*-?\p{Nd}+,\p{Nd}+\s*$/u.test(text)) {
    return unclear("is the comma a decimal point? Then write a point", 0, text.length, ["a decimal comma", "two numbers"]);
  }
  const run = new Run(new Map([[HINT, scalar(1)]]), READINGS.paper), value = run.value(tree);
  if (run.misfits.length && !(asked.symbols && tree.kind === "list")) {
    const [at, words] = run.misfits[0];
    return wrong("shape", `${SENTENCES.shape} ${words} stand here.`, [at.start, at.end]);
  }
  const slack = tolerances(tree, value);
  if (value.array.same(right.array)) {
    const off = value.array.zip(right.array, (a, b) => Math.abs(a - b)).data;
    if (off.every((x, k) => x <= slack.data[k] * (1 + 1e-6) + slackOf(right.array.data[k]))) {
      const short = tooShort(tree, value.array.zip(right.array, (a, b) => Number(near(a, b, slackOf(b)))));
      return short ? unclear(`give at least ${ROUNDED} digits, or a fraction`, short.start, short.end) : accepted();
    }
  }
  const name = numbersNamed(asked, value, right, slack);
  return wrong(name, name ? SENTENCES[name] : "These are not the numbers that are asked for.");
}

function leaves(tree) {
  if (tree.kind === "list") return tree.args.flatMap(leaves);
  return is(tree, "neg", "turn", "same") ? leaves(tree.args[0]) : [tree];
}

// How far each entry may be off: half a unit of the last digit of a decimal.
function tolerances(tree, value) {
  const found = leaves(tree);
  if (found.length !== value.length) return value.array.map(() => 0);
  const slack = Float64Array.from(found, leaf => leaf.places === undefined ? 0 : 0.5 * 10 ** -leaf.places);
  const turned = tree.kind === "turn" && value.rows && value.columns;
  return turned ? new Matrix(value.n, value.m, slack).T : new Matrix(value.m, value.n, slack);
}

// A decimal that is rounded, with fewer digits than it takes.
function tooShort(tree, exact) {
  const turned = tree.kind === "turn" && Math.min(exact.m, exact.n) > 1, whole = (turned ? exact.T : exact).data;
  return leaves(tree).slice(0, whole.length).find((leaf, k) => !whole[k] && leaf.places >= 0
    && leaf.digits < 10 ** (ROUNDED - 1));
}

// The mistake that gives these numbers.
function numbersNamed(asked, value, right, slack) {
  const a = value.array, b = right.array;
  const fitting = other => other.same(a) && other.finite
    && a.data.every((x, k) => near(x, other.data[k], slack.data[k] + slackOf(other.data[k])));
  if (value.kind(right) && a.same(b)) {
    if (fitting(b.map(x => -x))) return "sign";
    if (FACTORS.some(s => fitting(b.map(x => s * x)))) return "constant factor";
  }
  if (fitting(b.T) && !fitting(b)) return "layout";
  if (value.scalar !== right.scalar) return "shape";
  const found = asked.symbols ? asked.numbered.find(row => row.value.kind(value) && fitting(row.value.array)) : undefined;
  if (found && found.cost < CERTAIN) return found.name;
  if (!a.same(b)) return "shape";
  const moved = (di, dj) => Matrix.of(b.m, b.n, (i, j) => b.at((i + di + b.m) % b.m, (j + dj + b.n) % b.n));
  const flipped = [Matrix.of(b.m, b.n, (i, j) => b.at(b.m - 1 - i, j)), Matrix.of(b.m, b.n, (i, j) => b.at(i, b.n - 1 - j))];
  const rolled = b.size > 1 ? [moved(1, 0), moved(-1, 0), moved(0, 1), moved(0, -1)] : [];
  if ([...rolled, ...flipped].some(fitting)) return "off by one";
  const off = [...a.data].filter((x, k) => !near(x, b.data[k], slack.data[k] + slackOf(b.data[k]))).length;
  return b.size > 1 && off === 1 ? "one entry" : found?.name ?? null;
}

// ---- shapes, as in answers/shapes.py --------------------------------------------------------------------------------

const sameSizes = (a, b) => a.length === b.length && a.every((n, k) => n === b[k]);

function shape(asked, text) {
  const value = asked.rights[0], row = value.columns && !value.rows;
  const right = row ? [value.m, value.n] : [...value.rows ? [value.m] : [], ...value.columns ? [value.n] : []];
  const sizes = new Map(asked.sizes.map(name => [name, asked.points[0].get(name).first]));
  const [given, kind] = readShape(text, sizes, [...asked.names.known.values()]);
  if (right.length === 1 ? kind !== "row" && (sameSizes(given, right) || sameSizes(given, [...right, 1]))
    : right.length === 0 ? given.length < 3 && given.every(n => n === 1) : sameSizes(given, right)) return accepted();
  const turned = given.length === 2 ? given.slice().reverse() : given, long = sizes => sizes.filter(n => n > 1).length;
  const layout = (sameSizes(turned, right) && !sameSizes(given, right))
    || (right.length === 1 && (sameSizes(turned, [...right, 1]) || kind === "row"));
  const more = long(given) - long(right);
  const name = layout ? "layout" : more < 0 ? "axis missing" : more ? "axis too many" : "size";
  return wrong(name, SENTENCES[name]);
}

const all = (name, text) => [...text.matchAll(new RegExp(SHAPES[name], "gu"))];
const first = (name, text) => all(name, text)[0] ?? null;
const whole = (name, text) => new RegExp(`^(?:${SHAPES[name]})$`, "u").exec(text);
const replaced = (text, name, into) => text.replaceAll(new RegExp(SHAPES[name], "gu"), into);

// [sizes, "row" of a row vector] of "3 x 4".
function readShape(text, sizes, names) {
  const length = count(text);
  if (length > LIMITS.length) {
    const start = [...text].slice(0, LIMITS.length).join("").length;
    throw new Misread(`the answer has ${length} characters, but at most ${LIMITS.length} are read`, start, text.length);
  }
  if (!strip(text)) throw new Misread("nothing was written", 0, 1);
  let plain = text;
  for (const [name, into] of [["reals", " R "], ["times", " x "], ["blank", " "]]) plain = replaced(plain, name, into);
  plain = plain.normalize("NFKC");
  for (const name of ["between", "beside"]) plain = replaced(plain, name, " × ");
  const lowered = plain.toLowerCase(), both = first("both", lowered);
  if (both) return [both.slice(1).map(said => sizeOf(said, sizes, text)), "matrix"];
  if (first("scalar", lowered)) return [[], "scalar"];
  const kind = first("row", lowered) ? "row" : "matrix", found = [];
  plain = plain.slice(plain.lastIndexOf("=") + 1);
  const quantities = names.filter(name => !sizes.has(name));
  for (const [part] of all("part", plain)) {
    const bared = stripped(part, ".!"), said = whole("piece", bared)?.[1] ?? bared;
    const filling = ["", "x", "X", "by", "*", "·", "and", "-"].includes(said) || FILLING.includes(said.toLowerCase());
    if ((filling && !sizes.has(said)) || quantities.includes(said)) continue;
    const glued = sizes.has(said) ? null : whole("glued", said), power = whole("power", said);
    found.push(...(glued ? glued.slice(1) : power ? [power[1]] : [said]).map(piece => sizeOf(piece, sizes, text)));
  }
  if (!found.length) {
    if (first("vector", lowered)) return [[LIMITS.largest + 1], kind];
    throw new Misread("no shape was found here: write rows and columns, as in 7 x 2", 0, text.length);
  }
  if (found.length > 2) throw new Misread("a shape has at most two sizes here", 0, text.length);
  if (found.length === 1 && first("ends", plain) && !first("comma", plain)) {
    const end = strip(`.${text}`).length - 1, sign = last(text.slice(0, end), 1);
    throw new Misread(`a size is missing after ${sign}`, end - sign.length, end);
  }
  return [found, kind];
}

// The number of a size: 3, three, m, mn, m*n, n^2.
function sizeOf(said, sizes, text) {
  if (isDecimal(said) && [...said].length <= 6) return numeral(said);
  if (said.toLowerCase() in SPOKEN) return SPOKEN[said.toLowerCase()];
  const parts = first("multiplied", said) ? all("factor", said).map(([f]) => f) : [said];
  const split = parts.flatMap(f => sizes.has(f) || isDecimal(f) ? [f] : [...f]);
  if (split.length && split.every(c => sizes.has(c) || (isDecimal(c) && [...c].length < 5))) {
    return split.map(c => sizes.get(c) ?? numeral(c)).reduce(multiply, 1);
  }
  if (!sizes.size && [...said].length === 1 && isAlpha(said)) return LIMITS.largest + said.codePointAt(0);
  const start = text.indexOf(said), known = [...sizes.keys()].join(", ");
  throw new Misread(`${said} is no size here${known ? `: the sizes are called ${known}` : ": write numbers, as in 7 x 2"}`,
                    ...start < 0 ? [0, text.length] : [start, start + said.length]);
}
