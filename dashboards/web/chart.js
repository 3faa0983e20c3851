// Draws the timeline with Vega-Lite. The page forbids making code from strings, so expressions are interpreted (`ast`).
import {objects} from './tables.js';
import {hour, numerals, words} from './say.js';

const spec = JSON.parse(document.body.dataset.chart);
const place = document.getElementById('chart');
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let view, rows = [], embedding = Promise.resolve();

function coloured() {
  const made = structuredClone(spec);
  made.layer[0].mark.color = colour('--views');
  made.layer[1].mark.color = made.layer[1].mark.point.color = colour('--visitors');
  made.encoding.tooltip[1].title = words.page_views;
  made.encoding.tooltip[2].title = words.visitors;
  made.description = words.timeline;
  made.config = {
    font: getComputedStyle(document.body).fontFamily,
    view: {stroke: null},
    axis: {
      labelColor: colour('--quiet'), labelFontSize: 12, gridColor: colour('--line'), domainColor: colour('--line'),
    },
  };
  return made;
}

async function embed() {
  const made = coloured();
  made.data.values = rows;
  const {view: next} = await window.vegaEmbed(place, made, {
    actions: false, ast: true, renderer: 'canvas', defaultStyle: false, tooltip: {disableDefaultStyle: true},
    formatLocale: numerals,
  });
  view?.finalize();
  view = next;
  place.dataset.drawn = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Hours that haven't begun have no number yet, not a zero. */
function honest(row) {
  const later = row.key.length > 10 && new Date(row.key) > new Date();
  const measures = later ? {page_views: null, visitors: null} : {};
  return {time: row.key, label: hour(row.key), page_views: row.page_views, visitors: row.visitors, ...measures};
}

export function drawChart(answer) {
  const next = objects(answer).map(honest);
  if (JSON.stringify(next) === JSON.stringify(rows)) return;
  const sameHours = next.length === rows.length && next[0].time === rows[0].time;
  rows = next;
  // one after the other: a second embedding before the first is done would leave two charts
  embedding = embedding.then(() => (view && sameHours ? view.data('timeline', rows).runAsync() : embed()));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (view) embedding = embedding.then(embed);
});
