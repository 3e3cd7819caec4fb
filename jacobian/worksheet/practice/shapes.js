// Shapes as people write them, as in answers/shapes.py.

const sameSizes = (a, b) => a.length === b.length && a.every((n, k) => n === b[k]);

// Right where it is so at two points, at which letters stand for other numbers.
function shape(asked, text) {
  for (const [k, point] of asked.points.slice(0, 2).entries()) {
    const sizes = new Map(asked.sizes.map(name => [name, point.get(name).first]));
    const [given, kind] = readShape(text, sizes, [...asked.names.known.values()]);
    const name = shapeNamed(given, axesOf(asked.rights[k]), kind);
    if (name) return wrong(name, SENTENCES[name]);
  }
  return accepted();
}

function axesOf(value) {
  if (value.columns && !value.rows) return [value.m, value.n];
  return [...value.rows ? [value.m] : [], ...value.columns ? [value.n] : []];
}

// How a shape is wrong, null of the right one.
function shapeNamed(given, right, kind) {
  if (right.length === 1 ? kind !== "row" && (sameSizes(given, right) || sameSizes(given, [...right, 1]))
    : right.length === 0 ? given.length < 3 && given.every(n => n === 1) : sameSizes(given, right)) return null;
  const turned = given.length === 2 ? given.slice().reverse() : given, long = sizes => sizes.filter(n => n > 1).length;
  const layout = (sameSizes(turned, right) && !sameSizes(given, right))
    || (right.length === 1 && (sameSizes(turned, [...right, 1]) || kind === "row"));
  const more = long(given) - long(right);
  return layout ? "layout" : more < 0 ? "axis missing" : more ? "axis too many" : "size";
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
  const help = known ? `the sizes are called ${known}` : "write numbers, as in 7 x 2";
  throw new Misread(`${said} is no size here: ${help}`, ...start < 0 ? [0, text.length] : [start, start + said.length]);
}
