// What stands in brackets and bars, as in answers/text/brackets.py.

class Brackets extends Typed {
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
    if (this.at("comma") || this.at("stop") || opened.text === "[") {
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

  onNewLine() {
    return this.inRow && !this.at("end") && this.text.slice(this.before.end, this.token.start).includes("\n");
  }

  list(first, opened, at) {
    const rows = [];
    let row = [first];
    for (;;) {
      if (this.at("comma")) {
        this.take();
        if (this.at("close") || (this.at("end") && opened === "end")) continue;
        row.push(this.expression(0));
      } else if ((this.at("stop") && this.following.kind !== "end") || (opened === "end" && this.onNewLine())) {
        if (this.at("stop")) this.take();
        rows.push(row);
        row = [this.expression(0)];
      } else if (this.inRow && !(this.at("close") || this.at("stop") || this.at("end"))) row.push(this.expression(0));
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
}
