// The page: a form for each question, the verdict below it, and how many are right.

const VERDICTS = {accepted: ["✓", "Right"], wrong: ["✗", "Not right yet"], unclear: ["?", "Not clear"]};
const solved = new Set();

// The asked question of a seal, opened when it is first needed.
const opened = seals => {
  const known = new Map();
  return k => {
    if (!known.has(k)) known.set(k, new Asked(seals[k]));
    return known.get(k);
  };
};

function element(tag, name, ...children) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...children);
  return made;
}

// What was typed, with the place that the verdict speaks of marked.
function typed(text, [start, end]) {
  const place = element("mark", "", text.slice(start, end) || "\u2423");
  return element("p", "typed", text.slice(0, start), place, text.slice(end));
}

function tell(place, verdict, text) {
  const [icon, word] = VERDICTS[verdict.verdict], sign = element("span", "icon", icon);
  sign.setAttribute("aria-hidden", "true");
  const said = verdict.feedback ? `: ${verdict.feedback}` : "";
  const head = element("p", "word", sign, element("strong", "", word), said);
  place.className = `verdict ${verdict.verdict}`;
  place.replaceChildren(head, ...verdict.where ? [typed(text, verdict.where)] : []);
}

function preview(place, asked, text) {
  place.replaceChildren();
  if (!text.trim()) return;
  try {
    const numbers = asked.asks === "numbers";
    const tree = checked(read(tokenize(text), numbers ? new Names([]) : asked.names, numbers ? [] : asked.functions));
    place.append("read as ", math("math", shown(tree, 0)));
  } catch (error) {
    if (!(error instanceof Misread || error instanceof TooMuch)) throw error;
  }
}

function countSolved(all) {
  document.getElementById("progress").value = solved.size;
  document.getElementById("count").textContent = `${solved.size} of ${all} right`;
}

function start() {
  const asked = opened(JSON.parse(document.getElementById("seals").textContent));
  const forms = [...document.querySelectorAll("form")];
  forms.forEach((form, k) => {
    const [field, place, seen] = ["input", ".verdict", ".preview"].map(part => form.querySelector(part));
    form.addEventListener("submit", event => {
      event.preventDefault();
      if (!field.value.trim()) return field.focus();
      const verdict = grade(asked(k), field.value), right = verdict.verdict === "accepted";
      tell(place, verdict, field.value);
      field.setAttribute("aria-invalid", String(!right));
      if (right) solved.add(k);
      else solved.delete(k);
      countSolved(forms.length);
    });
    field.addEventListener("input", () => {
      if (seen) preview(seen, asked(k), field.value);
      place.className = "verdict";
      place.replaceChildren();
      field.removeAttribute("aria-invalid");
    });
  });
  countSolved(forms.length);
}

start();
