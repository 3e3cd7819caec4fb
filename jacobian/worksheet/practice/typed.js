// A place among the tokens, and complaints that point at a place, as in answers/text/typed.py.

const ADDED = 1, ENTRIES = 2, MULTIPLIED = 3, RAISED = 5;
const STARTS = ["number", "fraction", "name", "open", "command", "font", "bar"];

class Typed {
  constructor(signs, names, functions) {
    Object.assign(this, {text: signs.text, tokens: signs.tokens, names, functions});
    Object.assign(this, {place: 0, depth: 0, bars: 0, inRow: false});
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
