// Asks for the page's numbers again and again while somebody can see them, and draws what changed.
import {clock, fill, regions, words} from './say.js';
import {draw} from './tables.js';
import {drawLive, drawTiles} from './tiles.js';
import {drawChart} from './chart.js';
import {drawNotes} from './notes.js';

const EVERY_MS = 700, AFTER_TROUBLE_MS = 4000, PATIENCE_MS = 15000;
const {site, period} = document.body.dataset;
const trouble = document.getElementById('trouble');
let version = '', latest = new Date();

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const seen = () => document.hidden
  ? new Promise((done) => document.addEventListener('visibilitychange', done, {once: true})).then(seen)
  : Promise.resolve();

function show({live, panels, events, regions: names, version: newest}) {
  document.getElementById('empty').hidden = events > 0;
  if (panels) {
    regions.names = names;
    drawTiles(panels.overview, panels.before);
    drawChart(panels.timeline);
    drawNotes(panels.notes);
    for (const [panel, answer] of Object.entries(panels)) if (answer) draw(panel, answer);
  }
  drawLive(live);  // last: by now it is known whether visitors are
  version = newest;
  latest = new Date();
  trouble.hidden = true;
}

async function ask() {
  const query = new URLSearchParams({site, period, version});
  const answer = await fetch(`/api/dashboard?${query}`, {signal: AbortSignal.timeout(PATIENCE_MS)});
  if (answer.status === 401) { location.assign('/login'); return new Promise(() => {}); }
  if (!answer.ok) throw new Error(answer.status === 503 ? 'store_trouble' : 'connection_lost');
  return answer.json();
}

async function keepUp() {
  for (;;) {
    await seen();
    try {
      show(await ask());
      await pause(EVERY_MS);
    } catch (error) {
      trouble.textContent = fill(words[error.message] ?? words.connection_lost, clock(latest));
      trouble.hidden = false;
      await pause(AFTER_TROUBLE_MS);
    }
  }
}

document.getElementById('site')?.addEventListener('change', (change) => change.target.form.requestSubmit());
// the chart library is a deferred script, in order before this module
keepUp();
