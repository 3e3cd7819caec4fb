// A place among the tokens, and complaints that point at a place, as in answers/text/typed.py.

const ADDED = 1, ENTRIES = 2, MULTIPLIED = 3, RAISED = 5;
const STARTS = ["number", "fraction", "name", "open", "command", "font", "bar"];

// ∂E/∂h, dE/dh and \\frac{∂E}{∂h} as one name, where the question has a quantity dE_dh, as in answers/text/derivatives.py.
const ANY = "name", BEGUN = "d…";
const FORMS = [
  ["∂", ANY, "/", "∂", ANY], [BEGUN, "/", BEGUN],
  ["frac", "{", "∂", ANY, "}", "{", "∂", ANY, "}"], ["frac", "{", BEGUN, "}", "{", BEGUN, "}"],
];

function derivatives(tokens, names) {
  if (![...names.known.values()].some(name => name.startsWith("d") && name.includes("_d"))) return tokens;
  const found = [];
  for (let k = 0; k < tokens.length;) {
    const form = FORMS.find(form => derivativeOf(tokens.slice(k), form, names));
    if (form) {
      found.push(token("name", derivativeOf(tokens.slice(k), form, names), tokens[k].start, tokens[k + form.length - 1].end));
    } else {
      found.push(tokens[k]);
    }
    k += form ? form.length : 1;
  }
  return found;
}

// The name of the derivative with which the tokens begin in this form, or null.
function derivativeOf(tokens, form, names) {
  const fits = (t, want) => [ANY, BEGUN].includes(want)
    ? t.kind === "name" && t.text !== "∂" && (want === ANY || t.text.startsWith("d")) : t.text === want;
  if (tokens.length < form.length || !form.every((want, j) => fits(tokens[j], want))) return null;
  const [over, under] = form.flatMap((want, j) => want === ANY ? [tokens[j].text]
    : want === BEGUN ? [tokens[j].text.slice(1)] : []);
  return names.find(`d${over}_d${under}`);
}

class Typed {
  constructor(signs, names, functions) {
    Object.assign(this, {text: signs.text, tokens: derivatives(signs.tokens, names), names, functions});
    Object.assign(this, {place: 0, depth: 0, bars: 0, inRow: false, summed: ""});
  }

  get token() { return this.tokens[Math.min(this.place, this.tokens.length - 1)]; }
  get following() { return this.tokens[Math.min(this.place + 1, this.tokens.length - 1)]; }
  get before() { return this.tokens[Math.min(this.place, this.tokens.length) - 1]; }

  take() {
    const taken = this.token;
    this.place++;
    return taken;
  }

  at(kind, ...texts) { return this.token.kind === kind && (!texts.length || texts.includes(this.token.text)); }

  error(sentence, at) { return new Misread(sentence, at.start, Math.max(at.end, at.start + 1)); }

  unexpected() {
    const here = strip(this.text.slice(this.token.start, this.token.end));
    const before = this.place ? this.before : null;
    if (before && ["operator", "comma", "compare", "equals"].includes(before.kind)) {
      return this.error(`something is missing after ${this.text.slice(before.start, before.end)}`, before);
    }
    if (["operator", "compare", "turn", "super", "prime"].includes(this.token.kind)) {
      return this.error(`something is missing before ${here}`, this.token);
    }
    if (this.token.kind === "close" && before && before.kind === "open") {
      return this.error("nothing stands between the brackets", {...this.token, start: before.start});
    }
    if (this.token.kind === "end") return this.error("the answer ends too early", before || this.token);
    return this.error(`${here} cannot stand here`, this.token);
  }

  closed(inner, opened) {
    if (!this.at("close")) throw this.unexpected();
    return {...inner, start: opened.start, end: this.take().end};
  }

  holdsCompare() {
    let level = 0;
    for (const t of this.tokens.slice(this.place)) {
      level += (t.kind === "open") - (t.kind === "close");
      if (level === 0) return false;
      if (t.kind === "compare" && level === 1) return true;
    }
    return false;
  }

  indexedName(text) {
    return this.at("index") ? this.names.find(text + stripped(this.token.text.normalize("NFKC"), "()")) : null;
  }

  deeper() {
    if (++this.depth > 2 * LIMITS.depth) {
      throw this.error(`more than ${LIMITS.depth} operations stand inside one another`, this.token);
    }
  }
}
