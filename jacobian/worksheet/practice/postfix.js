// What stands after an operand, as in answers/text/postfix.py.

const LEFT_OUT = ["{", "}", "mathsf", "mathrm", "rm"];      // of what stands in a bracket above
const NEW_AXIS = ["[:,None]", "[None,:]", "[:,newaxis]", "[newaxis,:]"];

class Postfix extends Latex {
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
    const sample = /^[(\[]([a-z])[)\]](T?)$/.exec(inner);
    if (sample && base.kind === "name" && this.summed.includes(sample[1])) {
      const entry = node("entry", [base], sample[1], base.start, end);
      return sample[2] ? node("turn", [entry], null, base.start, end) : entry;
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
    if (read.kind === "number" && read.data in FILLED && isAlpha(letters)) {
      return {...read, kind: FILLED[read.data], data: null};
    }
    if (["ones", "eye"].includes(read.kind) && isAlpha(letters)) return read;
    if (isAlpha(letters) && [...letters].length <= 2) return node("entry", [read], letters, read.start, end);
    throw this.error("this index is not read here", start);
  }
}
