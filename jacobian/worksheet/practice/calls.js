// What a name means, as in answers/text/calls.py.

const PRIMES = /_?(prime|derivative|deriv|grad|der|p)$/;

class Calls extends Postfix {
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
    if (["vector", "matrix"].includes(name) && args.length && args[0].kind === "number" && args[0].data in FILLED) {
      return node(FILLED[args[0].data], args.slice(1), name, first.length ? first[0].start : t.start, end);
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
    if (text.length > 2 && text.at(-2) === "_" && this.summed.includes(text.at(-1))) {
      const [first, ...rest] = text.slice(0, -2), name = this.names.find(first.toUpperCase() + rest.join(""));
      if (name) return node("entry", [{...at, data: name}], text.at(-1), at.start, at.end);
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
