// An answer as tokens, and which quantity a name means, as in answers/text/tokens.py and names.py.

const isAlpha = text => /^\p{L}+$/u.test(text);
const isDecimal = text => /^\p{Nd}+$/u.test(text);
const BLANKS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const strip = text => text.replace(BLANKS, "");
const count = (text, end) => [...text.slice(0, end)].length;
const last = (text, k) => [...text].slice(-k).join("");
const stripped = (text, signs) => {
  let [i, j] = [0, text.length];
  while (i < j && signs.includes(text[i])) i++;
  while (j > i && signs.includes(text[j - 1])) j--;
  return text.slice(i, j);
};

// The number that decimal digits of any script write.
function numeral(text) {
  const plain = text.normalize("NFKC").replace(/\p{Nd}/gu, digit => {
    let k = 0;
    while (k < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(digit.codePointAt(0) - k - 1))) k++;
    return String(k);
  });
  return Number(plain);
}

const token = (kind, text, start, end) => ({kind, text, start, end});

function tokenize(text) {
  const length = count(text);
  if (length > LIMITS.length) {
    const start = [...text].slice(0, LIMITS.length).join("").length;
    throw new Misread(`the answer has ${length} characters, but at most ${LIMITS.length} are read`, start, text.length);
  }
  const tokens = [...pieces(text)];
  matched(tokens);
  const raw = tokens.map(t => text.slice(t.start, t.end));
  const numpy = tokens.some((t, k) => ["@", "**", "axis", "None"].includes(raw[k]) || ARRAYS.some(name => raw[k].startsWith(`${name}.`))
                            || t.kind === "method");
  const matlab = tokens.some((t, k) => [".*", "./", ".^", ".'", "\\"].includes(raw[k])
    || (t.kind === "prime" && raw[k] !== "′" && k > 0 && k + 1 < tokens.length
        && ["name", "close", "prime", "number"].includes(tokens[k - 1].kind) && tokens[k + 1].text !== "("));
  return {text, tokens, numpy, matlab, latex: text.includes("\\"), dotted: raw.includes(".T")};
}

function* pieces(text) {
  const pattern = new RegExp(TOKENS, "yu");
  const divides = !new RegExp(LATEX, "u").test(text);
  let place = 0, operand = false;
  while (place < text.length) {
    pattern.lastIndex = place;
    const found = pattern.exec(text);
    const start = place;
    if (!found) {
      const sign = String.fromCodePoint(text.codePointAt(place));
      throw new Misread(`the sign ${sign} is not read here`, place, place + sign.length);
    }
    let raw = found[0], kind = Object.keys(found.groups).find(name => found.groups[name] !== undefined);
    place = pattern.lastIndex;
    if (divides && operand && raw[0] === "\\") [kind, raw, place] = ["operator", "\\", start + 1];
    const [before, after] = [strip(text.slice(0, start)), strip(text.slice(place))];
    if (raw === "$" && before && after) throw new Misread("the sign $ is not read here", start, place);
    if (kind === "space" || (raw === "." && start && !after)) continue;
    operand = OPERANDS.includes(kind);
    if (kind === "command") yield* command(raw.slice(1), start, place);
    else if (kind === "name") yield token("name", spelled(raw), start, place);
    else yield token(kind, PLAIN[raw] ?? raw, start, place);
  }
  yield token("end", "", text.length, text.length);
}

function spelled(raw) {
  const plain = [...(PLAIN[raw] ?? raw)];
  const lowered = plain.map((c, k) => !(c in SUB) ? c
    : ("₀₁₂₃₄₅₆₇₈₉".includes(c) || (k > 0 && plain[k - 1] in SUB) ? "" : "_") + SUB[c]).join("");
  return /[𝟏𝟙]/u.test(lowered) ? "𝟙" : lowered.normalize("NFKC");
}

function* command(word, start, end) {
  if (word in SIGNS) yield token("operator", SIGNS[word], start, end);
  else if (["top", "intercal", "transpose"].includes(word)) yield token("mark", "T", start, end);
  else if (word === "prime") yield token("prime", "′", start, end);
  else if (["lVert", "rVert", "Vert", "|"].includes(word)) yield token("bar", "‖", start, end);
  else if (["lvert", "rvert", "vert"].includes(word)) yield token("bar", "|", start, end);
  else if (["langle", "lbrace", "{"].includes(word)) yield token("open", word === "langle" ? "⟨" : "{", start, end);
  else if (["rangle", "rbrace", "}"].includes(word)) yield token("close", word === "rangle" ? "⟩" : "}", start, end);
  else if (["leftarrow", "gets"].includes(word)) yield token("equals", "=", start, end);
  else if (["ge", "geq", "gt", "le", "leq", "lt"].includes(word)) {
    yield token("compare", {g: ">", l: "<"}[word[0]] + (word.includes("e") ? "=" : ""), start, end);
  } else if (FONTS.includes(word) || COMMANDS.includes(word)) {
    yield token(FONTS.includes(word) ? "font" : "command", word.replace(/dfrac|tfrac/, "frac"), start, end);
  } else if (!DROPPED.includes(word)) {
    yield token("name", word === "partial" ? "∂" : word === "nabla" ? "∇" : word, start, end);
  }
}

function matched(tokens) {
  const opened = [];
  for (const t of tokens) {
    if (t.kind === "open") {
      opened.push(t);
      if (opened.length > LIMITS.depth) {
        throw new Misread(`brackets stand more than ${LIMITS.depth} deep`, t.start, t.end);
      }
    } else if (t.kind === "close") {
      const partner = opened.pop();
      if (!partner) throw new Misread(`the bracket ${t.text} was never opened`, t.start, t.end);
      if (PARTNER[partner.text] !== t.text) {
        throw new Misread(`the bracket ${partner.text} is closed by ${t.text}`, partner.start, t.end);
      }
    }
  }
  const open = opened.pop();
  if (open) throw new Misread(`the bracket ${open.text} is not closed`, open.start, open.end);
}

// ---- names ----------------------------------------------------------------------------------------------------------

const inWords = name => [...name].map(c => GREEK[c] ?? c).join("");

function canonical(name) {
  const plain = inWords(name).replace(/[_{}^()[\]\\]/g, "");
  return plain.replace(/^lam(?!bda)/, "lambda").replace(/^(var)?(epsilon)/, "$2");
}

class Names {
  constructor(known) {
    this.known = new Map(known.map(name => [canonical(name), name]));
    const lowered = new Map();
    for (const name of this.known.values()) {
      const key = canonical(name).toLowerCase();
      lowered.set(key, [...lowered.get(key) ?? [], name]);
    }
    this.folded = new Map([...lowered].filter(([, found]) => found.length === 1).map(([key, [name]]) => [key, name]));
  }

  find(name) { return this.known.get(canonical(name)) ?? null; }

  loosely(name) {
    const key = canonical(name);
    const delta = key[0] === "d" ? this.known.get("delta" + key.replace(/^dz?/, "")) : undefined;
    return delta ?? this.folded.get(key.toLowerCase()) ?? null;
  }

  split(name) {
    const key = [...inWords(name)];
    if (key.length > LIMITS.longest) return null;
    const best = [[]];
    for (let end = 1; end <= key.length; end++) {
      best.push(null);
      for (let start = 0; start < end; start++) {
        const part = key.slice(start, end).join(""), before = best[start];
        const found = isDecimal(key[start]) ? null : this.find(part);
        if (found !== null && before !== null && stripped(part, "_")
            && (best[end] === null || before.length + 1 < best[end].length)) best[end] = [...before, found];
      }
    }
    const whole = best[key.length];
    return whole && whole.length > 1 ? whole : null;
  }
}

// The word that is most like another, at least as much as `least`, as Python's difflib measures.
function nearest(text, words, least) {
  const longest = (a, b) => {
    let found = [0, 0, 0], before = [];
    for (let i = 0; i < a.length; i++) {
      const row = [];
      for (let j = 0; j < b.length; j++) {
        if (a[i] !== b[j]) continue;
        row[j] = (before[j - 1] ?? 0) + 1;
        if (row[j] > found[2]) found = [i - row[j] + 1, j - row[j] + 1, row[j]];
      }
      before = row;
    }
    return found;
  };
  const matches = (a, b) => {
    const [i, j, size] = longest(a, b);
    if (size === 0) return 0;
    return size + matches(a.slice(0, i), b.slice(0, j)) + matches(a.slice(i + size), b.slice(j + size));
  };
  let best = null;
  for (const word of words) {
    const ratio = 2 * matches([...word], [...text]) / ([...word].length + [...text].length);
    const better = best === null || ratio > best[0] || (ratio === best[0] && word > best[1]);
    if (ratio >= least && better) best = [ratio, word];
  }
  return best && best[1];
}
