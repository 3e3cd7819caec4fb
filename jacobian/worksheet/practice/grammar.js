// An answer as a tree that leaves open what * and juxtaposition mean, as in answers/text/grammar.py and its parts.

const node = (kind, args = [], data = null, start = 0, end = 0) => ({kind, args, data, start, end});

function walk(root) {
  const found = [], stack = [root];
  while (stack.length) {
    const part = stack.pop();
    found.push(part);
    stack.push(...part.args.slice().reverse());
  }
  return found;
}

function depth(root) {
  let level = [root], found = 0;
  for (; level.length; found++) level = level.flatMap(part => part.args);
  return found;
}

// The tree with one of its nodes replaced.
function put(tree, old, other) {
  if (tree === old) return other;
  const args = tree.args.map(arg => put(arg, old, other));
  return args.every((arg, k) => arg === tree.args[k]) ? tree : {...tree, args};
}

// 1 that is transposed is a vector of ones.
const asOnes = part => part.kind === "number" && part.data === 1 ? {...part, kind: "ones", data: null} : part;

const ADDED = 1, ENTRIES = 2, MULTIPLIED = 3, RAISED = 5;
const TIGHTNESS = bare({"+": ADDED, "-": ADDED, "⊙": ENTRIES, "⊗": ENTRIES, "*": MULTIPLIED, "/": MULTIPLIED,
                        ".*": MULTIPLIED, "./": MULTIPLIED, "@": MULTIPLIED, "·": MULTIPLIED, "×": MULTIPLIED});
const KINDS = bare({"+": "+", "-": "-", "⊙": "times", ".*": "times", "⊗": "outer", "*": "*", "·": "cdot", "×": "dot",
                    "@": "product", "/": "/", "./": "over"});
const STARTS = ["number", "fraction", "name", "open", "command", "font", "bar"];
const LEFT_OUT = ["{", "}", "mathsf", "mathrm", "rm"];      // of what stands in a bracket above
const NEW_AXIS = ["[:,None]", "[None,:]", "[:,newaxis]", "[newaxis,:]"];
const PRIMES = /_?(prime|derivative|deriv|grad|der|p)$/;

class Reader {
  constructor(signs, names, functions) {
    Object.assign(this, {text: signs.text, tokens: signs.tokens, names, functions, place: 0, depth: 0, bars: 0, inRow: false});
  }

  // ---- a place among the tokens ----

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

  // ---- operators ----

  answer() {
    this.place = this.afterEquals();
    while (this.at("stop") && this.following.kind === "end") this.take();
    if (this.at("end")) throw new Misread("nothing was written", 0, 1);
    let read = this.expression(0);
    if (this.at("compare")) read = this.comparison(read);
    if (this.at("comma")) read = this.list(read, "end", this.token);
    if (this.at("stop") && this.following.kind === "end") this.take();
    if (!this.at("end")) throw this.unexpected();
    return this.turned(read) ? node("turn", [read], null, read.start, read.end) : read;
  }

  turned(read) {
    const found = /_\{?([a-z])([a-z])\}?[^_]*=/.exec(this.text.slice(0, read.start));
    return found !== null && found[1] > found[2] && walk(read).some(n => n.kind === "entry");
  }

  afterEquals() {
    let level = 0, place = 0;
    this.tokens.forEach((t, k) => {
      level += (t.kind === "open") - (t.kind === "close");
      if (t.kind !== "equals" || level !== 0) return;
      const before = this.tokens[Math.max(k - 1, 0)];
      if (before.kind === "operator" && before.end === t.start) {
        throw this.error(`write the new value out, without ${before.text}=`, {...before, end: t.end});
      }
      place = k + 1;
    });
    return place;
  }

  expression(tightness) {
    this.deeper();
    let left = this.after(this.signed(tightness));
    for (;;) {
      const t = this.token;
      if (t.kind === "operator" && t.text in TIGHTNESS) {
        if (TIGHTNESS[t.text] <= tightness || (this.inRow && this.separates(t))) break;
        this.take();
        const right = this.expression(TIGHTNESS[t.text]);
        left = node(KINDS[t.text], [left, right], null, left.start, right.end);
      } else if (this.juxtaposed() && tightness < MULTIPLIED) {
        let right = this.expression(MULTIPLIED);
        if (right.kind === "number" && left.kind !== "number") right = asOnes(right);
        if (right.kind === "turn") left = asOnes(left);
        left = node("dot", [left, right], null, left.start, right.end);
      } else break;
    }
    this.depth--;
    return left;
  }

  separates(minus) {
    return "+-".includes(minus.text) && this.before.end < minus.start && this.following.start === minus.end;
  }

  juxtaposed() {
    const t = this.token;
    if (!STARTS.includes(t.kind) || this.inRow) return false;
    if (t.kind === "bar") return this.bars === 0;
    if ((t.kind === "command" && t.text === "end") || t.text === "if") return false;
    const vector = t.text === "1" && (this.following.kind === "turn" || this.following.text === "^");
    if (t.kind === "number" && this.before.kind === "number" && !vector) {
      throw this.error("a sign is missing between these numbers", t);
    }
    return true;
  }

  signed(tightness) {
    const t = this.token;
    if (t.kind === "operator" && "+-".includes(t.text)) {
      this.take();
      const inner = this.expression(Math.max(tightness, ADDED));
      return t.text === "+" ? inner : node("neg", [inner], null, t.start, inner.end);
    }
    return this.operand();
  }

  operand() {
    this.deeper();
    const read = this.operandHere();
    this.depth--;
    return read;
  }

  operandHere() {
    const t = this.token;
    if (t.kind === "compare" && t.text === "<") {
      this.take();
      return this.pairing(this.expression(0), t);
    }
    if (!STARTS.includes(t.kind)) throw this.unexpected();
    if (t.kind === "open" && t.text === "[" && this.following.text === "]") {
      throw this.error("nothing stands between the brackets", t);
    }
    this.take();
    if (t.kind === "number") return this.number(t);
    if (t.kind === "fraction") {
      const [over, under] = t.text.normalize("NFKC").split("⁄");
      return node("number", [], over / under, t.start, t.end);
    }
    if (t.kind === "bar") return this.bar(t);
    if (t.kind === "open") return this.bracket(t);
    if (t.kind === "command") return this.command(t);
    if (t.kind === "font") return this.font(t);
    if (t.text === "∂" || t.text === "∇") {
      throw this.error("write the derivative out: this derivative is what is asked for", t);
    }
    return this.quantity(t.text, t.start, t.end);
  }

  // A number; of one with decimals also how many, and its digits.
  number(t) {
    const recurring = /^(\p{Nd}*)\.(\p{Nd}*)\((\p{Nd}{1,9})\)$/u.exec(t.text.slice(0, LIMITS.digits));
    if (recurring) {
      const [whole, start, period] = recurring.slice(1), nines = 10 ** [...period].length - 1;
      const value = (numeral(start || "0") * nines + numeral(period)) / (10 ** [...start].length * nines);
      return node("number", [], value + numeral(whole || "0"), t.start, t.end);
    }
    const [mantissa, exponent] = t.text.toLowerCase().split("e");
    if ([...t.text].length > LIMITS.digits || Math.abs(numeral(exponent ?? "0")) > LIMITS.digits
        || Math.abs(numeral(t.text)) > 1e12) throw this.error("this number is too long", t);
    if (["1", "11"].includes(t.text) && (this.at("open", "[") || (this.at("open", "{", "(") && this.holdsCompare()))) {
      const opened = this.take();
      return this.closed(this.comparison(this.expression(0)), opened);
    }
    if (t.text === "11" && (this.at("operator", "^") || this.at("turn"))) {
      const one = node("ones", [], null, t.start, t.end - 1);
      const other = this.after({...one, start: t.end - 1, end: t.end});
      return node("dot", [one, other], null, t.start, this.before.end);
    }
    const read = node("number", [], numeral(t.text), t.start, t.end);
    if (/^\p{Nd}+\.?$/u.test(t.text)) return read;
    const places = [...mantissa.split(".")[1] ?? ""].length - numeral(exponent ?? "0");
    return {...read, places, digits: numeral(mantissa.replace(".", ""))};
  }

  // ---- brackets ----

  bar(opened) {
    this.bars++;
    const inner = this.expression(0);
    this.bars--;
    if (!this.at("bar", opened.text)) {
      throw this.error(`the bar ${this.text.slice(opened.start, opened.end)} is not closed`, opened);
    }
    return node(opened.text === "|" ? "bars" : "norm", [inner], null, opened.start, this.take().end);
  }

  bracket(opened) {
    if (this.at("close")) throw this.unexpected();
    const [inRow, bars] = [this.inRow, this.bars];
    this.bars = 0;
    this.inRow = opened.text === "[" && this.rowOfBlanks();
    let first = this.expression(0);
    this.bars = bars;
    if (this.at("compare") || this.at("equals")) first = this.comparison(first);
    if (opened.text === "⟨") return this.pairing(first, opened);
    let read;
    if (opened.text !== "{" && (this.at("comma") || this.at("stop") || opened.text === "[")) {
      read = this.list(first, this.inRow ? "blanks" : opened.text, opened);
    } else {
      if (!this.at("close")) throw this.unexpected();
      read = {...first, start: opened.start, end: this.take().end};
    }
    this.inRow = inRow;
    return read;
  }

  pairing(first, opened) {
    if (!this.at("comma")) throw this.unexpected();
    this.take();
    const second = this.expression(0);
    if (!(this.at("close", "⟩") || this.at("compare", ">"))) throw this.unexpected();
    return node("inner", [first, second], null, opened.start, this.take().end);
  }

  rowOfBlanks() {
    let level = 1;
    for (const t of this.tokens.slice(this.place)) {
      level += (t.kind === "open") - (t.kind === "close");
      if (level === 0) break;
      if (level === 1 && (t.kind === "comma" || t.kind === "name")) return false;
    }
    return true;
  }

  list(first, opened, at) {
    const rows = [];
    let row = [first];
    for (;;) {
      if (this.at("comma")) {
        this.take();
        if (this.at("close") || (this.at("end") && opened === "end")) continue;
        row.push(this.expression(0));
      } else if (this.at("stop") && opened !== "end" && this.following.kind !== "end") {
        this.take();
        rows.push(row);
        row = [this.expression(0)];
      } else if (this.inRow && !this.at("close")) row.push(this.expression(0));
      else break;
    }
    rows.push(row);
    if (opened !== "end") {
      if (!this.at("close")) throw this.unexpected();
      this.take();
    }
    if (rows.some(other => other.length !== row.length)) {
      throw this.error("the rows have different lengths", {start: at.start, end: this.token.start});
    }
    return node("list", rows.flat(), [rows.length, row.length, opened], at.start, this.before.end);
  }

  comparison(left) {
    if (!(this.at("compare") || this.at("equals"))) throw this.unexpected();
    const sign = this.take(), right = this.expression(0);
    if (["=", "=="].includes(sign.text)) {
      if (left.kind === "unknown" && right.kind === "unknown") {
        return node("same index", [], [left.data, right.data], left.start, right.end);
      }
      throw this.error("an equation is not read here", sign);
    }
    return node("compare", [left, right], sign.text, left.start, right.end);
  }

  // ---- LaTeX ----

  group() {
    const t = this.token;
    if (t.kind === "number" && [...t.text].length > 1 && isDecimal(t.text)) {
      let start = t.start;
      const digits = [...t.text].map(c => token("number", c, start, start += c.length));
      this.tokens = this.tokens.toSpliced(this.place, 1, ...digits);
    }
    return this.operand();
  }

  command(t) {
    if (t.text === "frac") {
      const over = this.group(), under = this.group();
      return node("/", [over, under], null, t.start, under.end);
    }
    if (t.text === "sqrt") {
      const inner = this.group();
      return node("map", [inner], WORDS.sqrt.data, t.start, inner.end);
    }
    if (t.text === "overline" || t.text === "bar") {
      const inner = this.group();
      return node("mean", [inner], null, t.start, inner.end);
    }
    if (t.text === "sum") return this.sigma(t, "");
    if (t.text === "begin") return this.environment(t);
    throw this.error(`\\${t.text} cannot stand here`, t);
  }

  environment(t) {
    this.place += 3;
    const rows = [[]];
    while (!(this.at("command", "end") || this.at("end"))) {
      rows.at(-1).push(this.expression(0));
      if (this.at("cell")) this.take();
      else if (this.at("row")) {
        this.take();
        if (!this.at("command", "end")) rows.push([]);
      } else if (!this.at("command", "end")) throw this.unexpected();
    }
    if (this.at("end")) throw this.error("\\begin has no \\end", t);
    this.place += 4;
    if (rows.some(row => row.length !== rows[0].length)) {
      throw this.error("the rows have different lengths", {...t, end: this.before.end});
    }
    return node("list", rows.flat(), [rows.length, rows[0].length, "grid"], t.start, this.before.end);
  }

  font(t) {
    if (!this.at("open", "{")) return this.operand();
    this.take();
    const inner = this.take();
    if (inner.text === "1" && this.at("close")) {
      const ones = node("ones", [], null, t.start, this.take().end);
      if (this.at("open", "[", "{") || (this.at("open", "(") && this.holdsCompare())) {
        const opened = this.take();
        return this.closed(this.comparison(this.expression(0)), opened);
      }
      return ones;
    }
    if (inner.kind !== "name" || !this.at("close")) {
      this.place--;
      const read = this.expression(0);
      if (!this.at("close")) throw this.unexpected();
      return {...read, start: t.start, end: this.take().end};
    }
    const end = this.take().end;
    return this.quantity(inner.text, t.start, end);
  }

  sigma(t, letters) {
    if (!letters && this.at("name") && this.token.text.startsWith("_")) {
      letters = this.take().text.slice(1);
      if (!letters && this.at("open", "{")) {
        this.take();
        letters = this.take().text;
        while (!this.at("close")) this.take();
        this.take();
      }
    }
    if (this.at("operator", "^")) {
      this.take();
      this.group();
    }
    letters = letters.replaceAll(",", "");
    if (!isAlpha(letters) || [...letters].length > 3) {
      throw this.error("say over which index the sum goes, as in sum_i", t);
    }
    const body = this.expression(ADDED);
    return node("sigma", [body], letters, t.start, body.end);
  }

  // ---- what stands after an operand ----

  after(read) {
    for (;;) {
      const t = this.token;
      if (t.kind === "turn" || t.kind === "prime") {
        this.take();
        read = node("turn", [asOnes(read)], null, read.start, t.end);
      } else if (t.kind === "super") {
        this.take();
        read = this.superscript(read, t);
      } else if (t.kind === "operator" && ["^", "**", ".^"].includes(t.text)) read = this.raised(read, this.take());
      else if (t.kind === "method") read = this.method(read, this.take());
      else if (t.kind === "open" && t.text === "[" && this.isNewAxis()) read = this.newAxis(read);
      else if (t.kind === "open" && t.text === "[" && read.kind === "name" && t.start === read.end
               && this.indices().length) read = this.indexed(read, this.indices());
      else if (t.kind === "name" && t.text.startsWith("_") && t.start === this.before.end) read = this.subscript(read);
      else return read;
    }
  }

  superscript(read, t) {
    const written = t.text.normalize("NFKC").replaceAll("−", "-").replaceAll("+", "");
    if (written.endsWith("T")) {
      return node("turn", [node("inv", [read], null, read.start, t.end)], null, read.start, t.end);
    }
    return this.power("^", read, node("number", [], Number(written), t.start, t.end));
  }

  power(sign, base, exponent) {
    if (base.kind === "e") return node("map", [exponent], WORDS.exp.data, base.start, exponent.end);
    return node(sign === "^" ? "^" : "power", [base, exponent], null, base.start, exponent.end);
  }

  raised(base, sign) {
    if (sign.text === "^" && (this.at("mark") || (this.at("name") && this.transposes()))) {
      return node("turn", [asOnes(base)], null, base.start, this.takenMark());
    }
    if (sign.text === "^" && this.at("prime")) return node("turn", [base], null, base.start, this.take().end);
    if (sign.text === "^" && this.at("operator", "-") && ["mark", "name"].includes(this.following.kind)
        && this.following.text === "T") {
      this.take();
      const inverse = node("inv", [base], null, base.start, this.token.end);
      return node("turn", [inverse], null, base.start, this.take().end);
    }
    if (this.at("open", "{", "(")) {
      const found = this.special(base);
      if (found !== null) return found;
    }
    const minus = this.at("operator", "-") ? this.take() : null;
    let exponent = sign.text !== "**" ? this.operand() : this.expression(RAISED);
    if (minus) exponent = node("neg", [exponent], null, minus.start, exponent.end);
    return this.power(sign.text, base, exponent);
  }

  transposes() {
    const text = this.token.text, rest = text.slice(1);
    if (this.names.find("T") || text[0] !== "T") return false;
    return !rest || Boolean(this.names.find(rest) || this.names.split(rest));
  }

  takenMark() {
    const t = this.token;
    if (t.kind === "name" && t.text.length > 1) {
      this.tokens = this.tokens.with(this.place, token("name", t.text.slice(1), t.start + 1, t.end));
      return t.start + 1;
    }
    return this.take().end;
  }

  special(base) {
    const start = this.place, texts = [];
    let level = 0;
    while (texts.length < 8 && !this.at("end")) {
      const t = this.take();
      texts.push(["font", "open", "close"].includes(t.kind) && LEFT_OUT.includes(t.text) ? "" : t.text);
      level += (t.kind === "open") - (t.kind === "close");
      if (t.kind === "close" && level === 0) break;
    }
    const inner = texts.join(""), end = this.before.end;
    const index = /^[(\[](\p{Nd}+)[)\]](T?)$/u.exec(inner);
    const name = index && base.kind === "unknown" ? this.names.find(base.data + index[1]) : null;
    if (name !== null) {
      const named = node("name", [], name, base.start, end);
      return index[2] ? node("turn", [named], null, base.start, end) : named;
    }
    if (inner === "T" && !this.names.find("T")) return node("turn", [asOnes(base)], null, base.start, end);
    if (inner === "-T") {
      return node("turn", [node("inv", [base], null, base.start, end)], null, base.start, end);
    }
    this.place = start;
    return null;
  }

  method(read, t) {
    const word = t.text.slice(1);
    if (word === "shape") {
      if (!this.at("open", "[")) throw this.error("write shape[0] or shape[1]", t);
      this.take();
      const axis = this.take();
      if (!["0", "1"].includes(axis.text) || !this.at("close")) {
        throw this.error("write shape[0] or shape[1]", axis);
      }
      return node("extent", [read], Number(axis.text), read.start, this.take().end);
    }
    if (!(word in WORDS)) throw this.error(`the method ${t.text} is not read here`, t);
    return this.called(word, t, [read]);
  }

  isNewAxis() {
    const texts = this.tokens.slice(this.place, this.place + 5).map(t => t.text.replace(/^np\./, ""));
    return NEW_AXIS.includes(texts.join(""));
  }

  indices() {
    const index = t => (t.kind === "name" && [...t.text].length === 1 && !this.names.find(t.text))
      || ["comma", "number", "colon"].includes(t.kind);
    let k = this.place + 1;
    while (index(this.tokens[k])) k++;
    return this.tokens[k].text === "]" ? this.tokens.slice(this.place + 1, k) : [];
  }

  indexed(read, indices) {
    const start = this.take();
    this.place += indices.length;
    const end = this.take().end;
    if (indices.some(t => t.kind === "number" || t.kind === "colon")) {
      throw this.error("a part of an array is not read here: write the whole, or letters for indices", {...start, end});
    }
    return node("entry", [read], indices.filter(t => t.kind === "name").map(t => t.text).join(""), read.start, end);
  }

  newAxis(read) {
    const down = this.following.text === ":";
    this.place += 5;
    return node(down ? "column" : "row", [read], null, read.start, this.before.end);
  }

  subscript(read) {
    const start = this.take();
    let letters = start.text.slice(1);
    if (this.at("open", "{")) {
      const opened = this.take();
      if (asOnes(read).kind === "ones") return this.closed(this.comparison(this.expression(0)), opened);
      while (!this.at("close")) letters += this.take().text;
      this.take();
    }
    const end = this.before.end;
    letters = letters.replaceAll(",", "").replaceAll("_", "");
    if (["name", "unknown"].includes(read.kind)) return this.quantity(`${read.data}_${letters}`, read.start, end);
    if (read.kind === "norm") return read;
    if ((asOnes(read).kind === "ones" || read.kind === "eye") && isAlpha(letters)) return asOnes(read);
    if (isAlpha(letters) && [...letters].length <= 2) return node("entry", [read], letters, read.start, end);
    throw this.error("this index is not read here", start);
  }

  // ---- names and functions ----

  quantity(text, start, end) {
    const at = node("name", [], text, start, end), short = text.slice(text.lastIndexOf(".") + 1);
    if (text.endsWith("_") && this.at("open", "{")) return this.subscriptOf(text.slice(0, -1), start);
    if (this.at("name") && this.token.text.startsWith("_") && this.token.start === end) {
      return this.subscriptOf(short, start);
    }
    const indexed = this.indexedName(short);
    if (indexed) return node("name", [], indexed, start, this.take().end);
    const name = this.names.find(short), sum = /^sum_?([a-z]{1,2})$/.exec(short);
    if (name !== null) return node("name", [], name, start, end);
    if (sum && !(short in WORDS)) return this.sigma(token("name", text, start, end), sum[1]);
    const found = this.function(short);
    return found ? this.call(found, token("name", text, start, end)) : this.other(short, at);
  }

  subscriptOf(stem, start) {
    let letters = this.at("name") ? this.take().text.slice(1) : "";
    if (this.at("open", "{")) {
      const opened = this.take();
      if (["1", "𝟙", "I"].includes(stem) && this.aheadCompares()) {
        return this.closed(this.comparison(this.expression(0)), opened);
      }
      while (!this.at("close")) letters += this.take().text;
      this.take();
    }
    if (stem !== "sum") letters = letters.replaceAll(",:", "j").replaceAll(":,", "i");
    const end = this.before.end;
    if (stem === "sum") return this.sigma(token("name", stem, start, end), letters.split("=")[0]);
    return this.quantity(`${stem}_${letters.replaceAll(",", "")}`, start, end);
  }

  aheadCompares() {
    const found = this.tokens.slice(this.place).find(t => t.kind === "close" || t.kind === "compare");
    return found !== undefined && found.kind === "compare";
  }

  function(name) {
    const plain = [...name].map(c => ({σ: "sigma", φ: "phi"})[c] ?? c).join("");
    const ends = plain.replace(PRIMES, ""), rest = plain.replace(/^./u, "");
    for (const [stem, order] of [[plain, 0], [ends, 1], [rest, 1], [rest.replace(/^_+/, ""), 1]]) {
      if (order && stem === plain) continue;
      if (this.functions.includes(stem)) return [{kind: "map", least: 1, most: 1, data: ABSTRACT[stem][0]}, order];
      if (stem in WORDS && (!order || (WORDS[stem].kind === "map" && ["d", stem[0]].includes(plain[0])))) {
        return [WORDS[stem], order];
      }
    }
    return null;
  }

  call([word, first], t) {
    let order = first, exponent = null;
    while (this.at("prime")) {
      this.take();
      order++;
    }
    if (this.at("operator", "^") && word.kind === "map") {
      this.take();
      const primes = this.primes();
      if (primes) order += primes;
      else exponent = this.operand();
    }
    if (order > LIMITS.primes) {
      throw this.error(`more than ${LIMITS.primes} primes are not read`, {...t, end: this.token.start});
    }
    let data = word.data;
    for (let k = 0; word.kind === "map" && k < order; k++) {
      data = data.prime;
      if (!data) throw this.error("this derivative has no values here", t);
    }
    if (!this.at("open", "(", "{") && word.least > 0) {
      const spoken = this.text.slice(t.start, t.end);
      if (spoken.startsWith("\\") && word.least === 1 && STARTS.includes(this.token.kind)) {
        const inner = this.after(this.operand());
        return node(word.kind, [inner], data, t.start, inner.end);
      }
      throw this.error(`${spoken} is a function: write ${spoken.replace(/^\\+/, "")}(…)`, t);
    }
    const read = this.called(t.text.slice(t.text.lastIndexOf(".") + 1), t, [], {...word, data});
    return exponent === null ? read : node("power", [read, exponent], null, t.start, read.end);
  }

  primes() {
    if (this.at("prime")) {
      this.take();
      return 1;
    }
    let found = 0;
    if (this.at("open", "{") && this.following.kind === "prime") {
      this.take();
      while (this.at("prime")) {
        this.take();
        found++;
      }
      this.take();
    }
    return found;
  }

  called(name, t, first, word = WORDS[name]) {
    const args = [...first];
    let axis = null, end = t.end;
    if (this.at("open")) {
      const [opened, inRow, bars] = [this.take(), this.inRow, this.bars];
      [this.inRow, this.bars] = [false, 0];
      while (!this.at("close")) {
        if (this.at("name", "axis", "dim", "keepdims", "dtype") && this.following.kind === "equals") {
          const key = this.take(), isAxis = ["axis", "dim"].includes(key.text);
          this.take();
          if (this.at("operator", "-")) this.take();
          const value = this.token;
          if (isAxis && !["0", "1"].includes(value.text)) {
            throw this.error("an axis is 0 or 1", {...key, end: Math.max(value.start, key.end + 1)});
          }
          this.take();
          axis = isAxis ? Number(value.text) : axis;
        } else if (this.at("string")) {
          const at = this.take();
          args.push(node("string", [], at.text.slice(1, -1), at.start, at.end));
        } else if (this.at("prime") && word.kind === "einsum") args.push(this.quoted());
        else if (this.at("name", "float", "int") && word.kind === "same") this.take();
        else {
          const arg = this.expression(0);
          args.push(this.at("compare") ? this.comparison(arg) : arg);
        }
        if (this.at("comma")) this.take();
        else if (!this.at("close")) throw this.unexpected();
      }
      end = this.take().end;
      [this.inRow, this.bars] = [inRow, bars];
      if (!args.length && word.least) throw this.error("nothing stands between the brackets", {...opened, end});
    }
    const twice = ["sum", "mean"].includes(word.kind) && args.length === 2;
    if (!(word.least <= args.length && args.length <= word.most) && !twice) {
      throw this.error(`${name} does not take ${args.length} operand${args.length === 1 ? "" : "s"}`, {...t, end});
    }
    return node(word.kind, args, axis ?? word.data, first.length ? first[0].start : t.start, end);
  }

  quoted() {
    const opened = this.take();
    let k = this.place;
    while (!["prime", "end"].includes(this.tokens[k].kind)) k++;
    if (this.tokens[k].kind === "end") throw this.error("the quotation mark is not closed", opened);
    this.place = k + 1;
    const end = this.tokens[k].end;
    return node("string", [], this.text.slice(opened.end, end - 1), opened.start, end);
  }

  other(text, at) {
    if (["I", "Id", "𝐈"].includes(text) || /^I_?(\p{Nd}|[a-z])?$/u.test(text)) return {...at, kind: "eye", data: null};
    if (["𝟙", "ones", "one"].includes(text) || /^(1|𝟙|ones)_?[a-zA-Z]?$/.test(text)) {
      return {...at, kind: "ones", data: null};
    }
    if (text === "e") return {...at, kind: "e", data: null};
    if (text in CONSTANTS) return {...at, kind: "number", data: CONSTANTS[text]};
    if (["true", "True", "None", "nan", "inf", "Inf", "NaN"].includes(text)) {
      throw this.error(`${text} is not read here`, at);
    }
    if (/^(δ|delta)_[a-z]{2}$/.test(text) && !this.names.find("delta")) {
      return {...at, kind: "same index", data: [text.at(-2), text.at(-1)]};
    }
    for (const letters of text.includes("_") ? [last(text, 2), last(text, 1)] : []) {
      const name = isAlpha(letters) ? this.names.find(text.slice(0, -letters.length)) : null;
      if (name) return node("entry", [{...at, data: name}], letters, at.start, at.end);
    }
    const parts = this.names.split(text);
    if (parts) {
      const rest = parts.slice(1).map(part => token("name", part, at.start, at.end));
      this.tokens = this.tokens.toSpliced(this.place, 0, ...rest);
      return node("name", [], parts[0], at.start, at.end);
    }
    if (text.length === 1 && "ijkl".includes(text) && (this.at("equals") || this.at("compare", "==")
        || (this.place > 1 && ["=", "=="].includes(this.tokens[this.place - 2].text)))) {
      return {...at, kind: "unknown", data: text};
    }
    if (this.at("operator", "^") && "{([".includes(this.following.text || " ")
        && [..."0123456789"].some(k => this.names.find(text + k))) {
      return this.afterIndex({...at, kind: "unknown", data: text});
    }
    const loose = this.names.loosely(text);
    if (loose) return {...at, data: loose};
    throw this.unknown(text, at);
  }

  afterIndex(read) {
    const place = this.place;
    this.take();
    const found = this.special(read);
    if (found === null) {
      this.place = place;
      throw this.unknown(read.data, read);
    }
    return found;
  }

  unknown(text, at) {
    if (this.at("open", "(")) {
      const near = nearest(text, [...Object.keys(WORDS), ...this.functions], 0.7);
      return this.error(`the function ${text} is not known here${near ? `: is ${near} meant?` : ""}`, at);
    }
    const known = [...this.names.known.values()].join(", ");
    return this.error(known ? `${text} is not known here: the quantities are ${known}`
      : `${text} is not read here: write numbers`, at);
  }
}

const read = (signs, names, functions) => new Reader(signs, names, functions).answer();
