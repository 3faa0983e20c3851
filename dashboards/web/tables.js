// Draws a panel's rows into its table. Rows carry `data-panel` and `data-key`, cells `data-<measure>` with the plain number.
import {fill, known, label, money, number, title, words} from './say.js';

const FEW = 8;
const drawn = new Map();

function cell(measure, value, currency) {
  const td = document.createElement('td');
  td.setAttribute(`data-${measure}`, value);
  const unknown = measure === 'visitors' && !known.visitors;
  td.textContent = unknown ? '–' : measure === 'revenue' ? money(value, currency) : number(value);
  return td;
}

function line(panel, row, measures, largest) {
  const tr = document.createElement('tr');
  tr.dataset.panel = panel;
  tr.dataset.key = row.key;
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = label(panel, row.key);
  head.title = title(panel, row.key);
  head.style.setProperty('--share', `${largest ? (100 * row[measures[0]]) / largest : 0}%`);
  tr.append(head, ...measures.map((measure) => cell(measure, row[measure], row.currency ?? '')));
  return tr;
}

/** Rows as objects, the dimension's value as `key`. */
export function objects({columns, rows}) {
  return rows.map((row) => Object.fromEntries(row.map((value, n) => [n ? columns[n].name : 'key', value])));
}

export function draw(panel, answer) {
  const table = document.querySelector(`table[data-panel="${panel}"]`);
  const text = JSON.stringify(answer.rows);
  if (!table || drawn.get(panel) === text) return;
  drawn.set(panel, text);
  const measures = table.dataset.measures.split(' ');
  const rows = objects(answer);
  const largest = Math.max(...rows.map((row) => row[measures[0]]), 0);
  table.tBodies[0].replaceChildren(...rows.map((row) => line(panel, row, measures, largest)));
  const section = table.closest('section');
  section.classList.toggle('vacant', !rows.length);
  if ('rare' in table.dataset) section.hidden = !rows.length;
  const more = section.querySelector('.more');
  if (more) offerMore(more, table, rows.length);
}

function offerMore(button, table, count) {
  const say = () => {
    const few = table.classList.contains('few');
    button.textContent = few ? fill(words.show_all, number(count)) : words.show_fewer;
    button.setAttribute('aria-expanded', String(!few));
  };
  button.hidden = count <= FEW;
  button.onclick = () => { table.classList.toggle('few'); say(); };
  say();
}
