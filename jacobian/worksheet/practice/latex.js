// LaTeX: fractions, roots, environments, fonts, and sums over an index, as in answers/text/latex.py.

class Latex extends Brackets {
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
    const described = this.following.text === "array";
    this.place += 3;
    if (described && this.at("open", "{")) while (this.take().kind !== "close");
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
    const before = this.summed;
    this.summed += letters;
    const body = this.expression(ADDED);
    this.summed = before;
    return node("sigma", [body], letters, t.start, body.end);
  }
}
