// A tree that leaves open what * and juxtaposition mean, as in answers/node.py.

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
