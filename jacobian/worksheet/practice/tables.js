// The tables of Python, as `tables.py` writes them into TABLES and VALUES, in the form in which they are read here.

const bare = table => Object.assign(Object.create(null), table);
const {
  LIMITS, SPACE, TOKENS, LATEX, OPERANDS, ARRAYS, FONTS, COMMANDS, DROPPED, CODES, CHEAPEST, FILLING, PLAIN, SIGNS, PARTNER,
  SUB, GREEK, CONSTANTS, FILLED, READINGS, SENTENCES, SPOKEN, SHAPES, WORDS,
} = Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, table.constructor === Object ? bare(table) : table]));
const HINT = "";        // the name of the number of rows of the right answer

// A function and its derivatives, each knowing the next; `sloped` where the first is another function.
function family(name, sloped, values) {
  const made = values.map((value, order) => ({name: name + "′".repeat(order), order, value, sloped}));
  for (const f of made) Object.assign(f, {prime: made[f.order + 1] ?? null, origin: made[0]});
  return made;
}

const families = table => bare(Object.fromEntries(Object.entries(table).map(
  ([name, [sloped, ...values]]) => [name, family(name, sloped, values)])));
const FUNCTIONS = families(VALUES), ABSTRACT = families(STANDING_IN);
for (const word of Object.values(WORDS)) if (word.kind === "map") word.data = FUNCTIONS[word.data][0];

// The error function: its series, and far out the continued fraction of the rest.
function erf(x) {
  const z = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (z > 3) {
    let rest = 0;
    for (let k = 60; k > 0; k--) rest = k / 2 / (z + rest);
    return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + rest)));
  }
  let term = x, total = x;
  for (let k = 1; k < 80; k++) {
    term *= -x * x / k;
    total += term / (2 * k + 1);
  }
  return 2 / Math.sqrt(Math.PI) * total;
}
