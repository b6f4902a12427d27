// The worker's own side: it trains in short turns and tells the page how it goes between them.

import { Batches, Trainer, initial, sparse } from "./training.js";

const TURN = 30; // milliseconds of work between two looks at the messages
const TELL = 110; // milliseconds between two reports

let now = null; // the training in progress

/** A training from what the page asks for; see `train.js`. */
function begin(asked) {
  const { inputs, hidden, rate, batch, seed, pace, limit, mark } = asked;
  const net = asked.initial ?? initial(asked.initialiser, inputs, hidden, seed);
  const train = sparse(asked.train.images, asked.train.labels.length, inputs);
  const test = sparse(asked.test.images, asked.test.labels.length, inputs);
  const batches = new Batches(train.count, batch, seed, asked.order);
  return {
    number: asked.number, trainer: new Trainer(net, rate), batches, train, test,
    labels: { train: asked.train.labels, test: asked.test.labels },
    pace, limit, mark, steps: 0, losses: [], running: true, busy: 0, told: 0, since: null,
  };
}

function tell(done) {
  const { trainer, train, test, labels } = now;
  const losses = now.losses;
  now.losses = [];
  now.told = performance.now();
  const network = trainer.network();
  postMessage({
    number: now.number, steps: now.steps, losses, network, done,
    trainF1: trainer.f1(train, labels.train), testF1: trainer.f1(test, labels.test),
    perSecond: now.busy ? (1000 * now.steps) / now.busy : 0,
  });
}

function turn() {
  if (!now?.running) return;
  const started = performance.now();
  now.since ??= { time: started, steps: now.steps };
  const due = now.pace ? now.since.steps + (now.pace * (started - now.since.time)) / 1000 : Infinity;
  while (now.steps < now.limit && now.steps < due && performance.now() - started < TURN) {
    now.losses.push(now.trainer.step(now.train, now.labels.train, now.batches.next()));
    now.steps++;
    if (now.steps === now.mark) tell(false);
  }
  now.busy += performance.now() - started;
  const done = now.steps >= now.limit;
  if (done) now.running = false;
  if (done || performance.now() - now.told > TELL) tell(done);
  if (!done) setTimeout(turn, now.pace ? 8 : 0);
}

onmessage = ({ data }) => {
  if (data.kind === "start") { now = begin(data); tell(false); turn(); }
  if (!now) return;
  if (data.kind === "pause") { now.running = false; tell(false); }
  if (data.kind === "resume" && !now.running) { now.running = true; now.since = null; turn(); }
  if (data.kind === "pace") { now.pace = data.pace; now.since = null; }
};
