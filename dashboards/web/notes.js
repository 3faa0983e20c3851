// Draws what the operator should know of what came in: a line a note, nothing where there is nothing to say.
import {fill, number, words} from './say.js';
import {objects} from './tables.js';

const list = document.getElementById('notes');
const ALARMS = new Set(['redacted', 'looks_sensitive', 'salt']);

function line({key, place, times}) {
  const item = document.createElement('li');
  item.dataset.panel = 'notes';
  item.dataset.key = key;
  item.dataset.place = place;
  item.dataset.times = times;
  item.classList.toggle('alarm', ALARMS.has(key));
  item.textContent = fill(words[`note_${key}`], place, number(times));
  return item;
}

export function drawNotes(answer) {
  list.replaceChildren(...objects(answer).map(line));
  list.hidden = !answer.rows.length;
}
