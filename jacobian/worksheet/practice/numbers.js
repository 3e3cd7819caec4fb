// Answers in numbers, as in answers/numbers.py.

const CERTAIN = 2.9, EXACT = 1e-9, ROUNDED = 2, FACTORS = [2, 0.5, 4, 0.25, 3, 1 / 3, 10, 0.1];
const slackOf = x => EXACT * Math.max(1, Math.abs(x));

function numbers(asked, text, tree) {
  const right = asked.rights[0];
  const parts = strip(text).split(new RegExp(`[;${SPACE}]+`, "u"));
  if (text.includes(",") && parts.length === right.length && parts.every(part => /^-?\p{Nd}+(,\p{Nd}+)?$/u.test(part))) {
    return unclear("is the comma a decimal point? Then write a point", 0, text.length,
                   ["a decimal comma", "two numbers"]);
  }
  const run = new Run(new Map([[HINT, scalar(1)]]), READINGS.paper);
  let value = run.value(tree);
  if (run.misfits.length && !(asked.symbols && tree.kind === "list")) {
    const [at, words] = run.misfits[0];
    return wrong("shape", `${SENTENCES.shape} ${words} stand here.`, [at.start, at.end]);
  }
  if (!value.array.same(right.array) && value.T.array.same(right.array)) {
    if (neutral(tree)) value = value.T;
    else if (tree.kind === "list" && tree.data[2] === "blanks" && tree.data[0] === 1) {
      return unclear("is a row meant, as in MATLAB, or a column? Write commas, or a column with semicolons",
                     tree.start, tree.end, ["a column", "a row"]);
    }
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
  const found = asked.numbered.find(row => row.value.kind(value) && fitting(row.value.array));
  if (found && found.cost < CERTAIN) return found.name;
  if (!a.same(b)) return "shape";
  const moved = (di, dj) => Matrix.of(b.m, b.n, (i, j) => b.at((i + di + b.m) % b.m, (j + dj + b.n) % b.n));
  const flipped = [(i, j) => b.at(b.m - 1 - i, j), (i, j) => b.at(i, b.n - 1 - j)].map(at => Matrix.of(b.m, b.n, at));
  const rolled = b.size > 1 ? [moved(1, 0), moved(-1, 0), moved(0, 1), moved(0, -1)] : [];
  if ([...rolled, ...flipped].some(fitting)) return "off by one";
  const off = [...a.data].filter((x, k) => !near(x, b.data[k], slack.data[k] + slackOf(b.data[k]))).length;
  return b.size > 1 && off === 1 ? "one entry" : found?.name ?? null;
}
