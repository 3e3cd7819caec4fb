// What is said of an answer, as in answers/verdict.py.

const accepted = (feedback = "") => ({verdict: "accepted", feedback, mistake: null, where: null, readings: []});
const wrong = (mistake, feedback, where = null) => ({verdict: "wrong", feedback, mistake, where, readings: []});
const unclear = (feedback, start, end, readings = []) =>
  ({verdict: "unclear", feedback, mistake: null, where: [start, end], readings});
