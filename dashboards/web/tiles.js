// Draws the tiles: each measure's number, and its change where there is a time to compare with.
import {change, duration, fill, known, money, number, pointChange, share, words} from './say.js';

const MEASURED_ONLY = new Set(['visitors', 'bounce_rate', 'engaged_seconds']);
const byId = (id) => document.getElementById(id);
const named = ({columns, rows}) => Object.fromEntries(columns.map(({name}, n) => [name, rows[0][n]]));

function text(measure, now) {
  const value = now[measure];
  const unknown = MEASURED_ONLY.has(measure) && now.measured_share === 0;
  if (value === null || unknown) return '–';
  if (measure === 'bounce_rate') return share(value);
  if (measure === 'engaged_seconds') return duration(value);
  return measure === 'revenue' ? money(value, now.currency) : number(value);
}

/** [text, better (1), worse (-1) or the same (0)]; nothing where the two can't be compared. */
function compared(measure, now, then) {
  const value = now[measure], before = then?.[measure];
  if (before === undefined || before === null || value === null) return ['', 0];
  if (measure === 'bounce_rate') return [pointChange(value - before), Math.sign(before - value)];
  const otherMoney = measure === 'revenue' && now.currency !== then.currency;
  const halfKnown = MEASURED_ONLY.has(measure) && (now.measured_share === 0 || then.measured_share === 0);
  if (!before || otherMoney || halfKnown) return ['', 0];
  return [change(value / before - 1), Math.sign(value - before)];
}

export function drawTiles(overview, before) {
  const now = named(overview), then = before && named(before);
  known.visitors = now.measured_share !== 0;
  let anyCompared = false;
  for (const tile of document.querySelectorAll('.tile')) {
    const {measure} = tile.dataset;
    const [said, better] = compared(measure, now, then);
    anyCompared ||= said !== '';
    tile.dataset.value = now[measure] ?? '';
    tile.querySelector('.value').textContent = text(measure, now);
    const badge = tile.querySelector('.change');
    badge.textContent = said || '\u00a0';
    badge.dataset.better = better;
  }
  byId('than').hidden = !anyCompared;
  const partly = now.measured_share !== null && now.measured_share < 1;
  byId('share').hidden = !partly;
  if (partly) {
    byId('share').textContent = now.measured_share === 0
      ? words.nothing_measured
      : fill(words.partly_measured, share(Math.min(now.measured_share, 0.99)));
  }
}

export function drawLive({columns, rows}) {
  for (const row of rows) {
    for (let n = 1; n < columns.length; n++) {
      const place = document.querySelector(
        `[data-panel="live"][data-key="${row[0]}"][data-measure="${columns[n].name}"]`);
      if (!place) continue;
      place.dataset.value = row[n];
      place.textContent = columns[n].name === 'visitors' && !known.visitors ? '–' : number(row[n]);
    }
  }
}
