// An answer as it is read, in MathML: what the reader sees while typing.

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";
const LETTERS = Object.fromEntries(Object.entries(GREEK).map(([letter, spelled]) => [spelled, letter]));
const INFIX = bare({
  "+": ["+", 1], "-": ["−", 1], compare: [null, 0], times: ["∘", 2], "*": ["∗", 2], outer: ["⊗", 2], over: ["⊘", 2],
  product: ["\u2062", 3], dot: ["\u2062", 3], cdot: ["·", 3], kron: ["⊗", 2],
});
const ATOM = 9;

function math(tag, ...children) {
  const made = document.createElementNS(NAMESPACE, tag);
  made.append(...children);
  return made;
}

function symbol(name) {
  const [, stem, index] = /^(.*?)_?(\p{Nd}*)$/u.exec(name);
  const letter = math("mi", LETTERS[stem] ?? stem);
  return index && stem ? math("msub", letter, math("mn", index)) : letter;
}

function inBrackets(inner, left = "(", right = ")") {
  const made = math("mrow", math("mo", left), inner, math("mo", right));
  for (const fence of [made.firstChild, made.lastChild]) {
    fence.setAttribute("lspace", "0");
    fence.setAttribute("rspace", "0");
  }
  return made;
}

const call = (name, args) => math("mrow", math("mi", name), inBrackets(math("mrow",
  ...args.flatMap((arg, k) => k ? [math("mo", ","), shown(arg, 0)] : [shown(arg, 0)]))));

const letters = indices => math("mrow", ...[...indices].map(letter => math("mi", letter)));

// The tree as an element, in brackets where it holds less tightly than what stands around it.
function shown(at, tightness) {
  const [made, own] = drawn(at);
  return own < tightness ? inBrackets(made) : made;
}

function drawn(at) {
  const [a, b] = at.args;
  if (at.kind in INFIX) {
    const [sign, own] = INFIX[at.kind], mark = math("mo", sign ?? at.data);
    const mixed = own === 2 && a.kind !== at.kind ? 0.5 : 0;
    return [math("mrow", shown(a, own + mixed), mark, shown(b, own + 1)), own];
  }
  switch (at.kind) {
    case "name": return [symbol(at.data), ATOM];
    case "number": return [math("mn", String(Number(at.data.toPrecision(12)))), ATOM];
    case "neg": return [math("mrow", math("mo", "−"), shown(a, 2)), 1];
    case "turn": return [math("msup", shown(a, ATOM), math("mo", "⊤")), 8];
    case "inv": return [math("msup", shown(a, ATOM), math("mrow", math("mo", "−"), math("mn", "1"))), 8];
    case "^": case "power": return [math("msup", shown(a, ATOM), shown(b, 0)), 8];
    case "/": return [math("mfrac", shown(a, 0), shown(b, 0)), 4];
    case "norm": return [inBrackets(shown(a, 0), "‖", "‖"), ATOM];
    case "bars": return [inBrackets(shown(a, 0), "|", "|"), ATOM];
    case "inner": return [inBrackets(math("mrow", shown(a, 0), math("mo", ","), shown(b, 0)), "⟨", "⟩"), ATOM];
    case "map": return [call(at.data.name, at.args), ATOM];
    case "entry": return [math("msub", shown(a, ATOM), letters(at.data)), ATOM];
    case "same index": return [math("msub", math("mi", "δ"), letters(at.data)), ATOM];
    case "sigma": return [math("mrow", math("munder", math("mo", "∑"), letters(at.data)), shown(a, 2)), 1];
    case "ones": if (!at.args.length) return [math("mn", "𝟏"), ATOM]; break;
    case "eye": if (!at.args.length) return [math("mi", "I"), ATOM]; break;
    case "same": case "column": return drawn(a);
    case "string": case "unknown": return [math("mtext", String(at.data)), ATOM];
    case "list": return [grid(at), ATOM];
  }
  return [call(at.kind, at.args), ATOM];
}

function grid(at) {
  const [m, n] = at.data, cells = at.args.map(arg => math("mtd", shown(arg, 0)));
  const rows = Array.from({length: m}, (_, i) => math("mtr", ...cells.slice(i * n, (i + 1) * n)));
  return inBrackets(math("mtable", ...rows), "[", "]");
}
