// An answer as a tree, as in answers/text/grammar.py.

const TIGHTNESS = bare({"+": ADDED, "-": ADDED, "⊙": ENTRIES, "⊗": ENTRIES, "*": MULTIPLIED, "/": MULTIPLIED,
                        "\\": MULTIPLIED, ".*": MULTIPLIED, "./": MULTIPLIED, "@": MULTIPLIED, "·": MULTIPLIED, "×": MULTIPLIED});
const KINDS = bare({"+": "+", "-": "-", "⊙": "times", ".*": "times", "⊗": "outer", "*": "*", "·": "cdot", "×": "dot",
                    "@": "product", "/": "/", "./": "over", "\\": "solve"});
const IN_PLACE = ["+", "-", "*", "/"];
const LISTED = ["number", "fraction", "comma", "stop", "end"];

class Reader extends Calls {
  answer(listed) {
    this.place = this.afterEquals();
    this.inRow = listed && this.tokens.slice(this.place).every(
      t => LISTED.includes(t.kind) || ["+", "-", "/"].includes(t.text));
    while (this.at("stop") && this.following.kind === "end") this.take();
    if (this.at("end")) throw new Misread("nothing was written", 0, 1);
    let read = this.expression(0);
    if (this.at("compare")) read = this.comparison(read);
    if (this.at("comma") || (this.inRow && !this.at("end"))) read = this.list(read, "end", this.token);
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
    for (const [k, t] of this.tokens.entries()) {
      level += (t.kind === "open") - (t.kind === "close");
      if (t.kind !== "equals" || level !== 0) continue;
      const before = this.tokens[Math.max(k - 1, 0)];
      if (before.kind === "operator" && before.end === t.start) {
        if (place || k < 2 || !IN_PLACE.includes(before.text)) {
          throw this.error(`write the new value out, without ${before.text}=`, {...before, end: t.end});
        }
        return this.inPlace(k);
      }
      place = k + 1;
    }
    return place;
  }

  // W -= G is W - (G).
  inPlace(k) {
    let last = this.tokens.length - 1;
    while (last > k + 1 && this.tokens[last - 1].kind === "stop") last--;
    if (last === k + 1) throw this.error(`something is missing after ${this.tokens[k - 1].text}=`, this.tokens[k - 1]);
    const end = this.tokens[last].start;
    this.tokens = [...this.tokens.slice(0, k), {...this.tokens[k], kind: "open", text: "("}, ...this.tokens.slice(k + 1, last),
                   token("close", ")", end, end), ...this.tokens.slice(last)];
    return 0;
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
}

const read = (signs, names, functions, listed = false) => new Reader(signs, names, functions).answer(listed);
