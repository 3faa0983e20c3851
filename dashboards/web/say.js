// How values are said. Enters: a raw value of a panel; leaves: text in the page's language.

export const words = JSON.parse(document.body.dataset.words);
const language = document.documentElement.lang;
const whole = new Intl.NumberFormat(language, {maximumFractionDigits: 0});
const percent = new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 0});
const signed = new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero'});
const points = new Intl.NumberFormat(language, {maximumFractionDigits: 1, signDisplay: 'exceptZero'});
const countries = new Intl.DisplayNames([language], {type: 'region', fallback: 'code'});

const parts = Object.fromEntries(new Intl.NumberFormat(language).formatToParts(-1234567.8).map(({type, value}) => [type, value]));

/** The page's way of writing numbers, as the chart library takes it. */
export const numerals = {
  decimal: parts.decimal, thousands: parts.group, minus: parts.minusSign, grouping: [3], currency: ['', ''],
};

/** Whether visitors are unknown here: page views were counted, and none of them measured. Set with each drawing. */
export const known = {visitors: true};

/** What regions are called, by their codes: no browser has a list of it. Comes with each drawing. */
export const regions = {names: {}};

export const number = (value) => whole.format(value);
export const share = (value) => percent.format(value);
export const change = (value) => signed.format(value);
export const pointChange = (value) => `${points.format(value * 100)} ${words.percent_points}`;
export const fill = (text, ...values) => values.reduce((said, value) => said.replace('%s', () => value), text);
export const clock = (date) => date.toLocaleTimeString(language);

/** Minor units to an amount; how many digits a currency has is the browser's knowledge. */
export function money(minor, currency) {
  if (!/^[A-Z]{3}$/.test(currency)) return number(minor / 100);
  const style = {style: 'currency', currency, currencyDisplay: 'narrowSymbol'};
  const digits = new Intl.NumberFormat(language, style).resolvedOptions().maximumFractionDigits;
  return new Intl.NumberFormat(language, {...style, maximumFractionDigits: 0}).format(minor / 10 ** digits);
}

export function duration(seconds) {
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} ${words.seconds}`;
  return `${Math.floor(rounded / 60)} ${words.minutes} ${rounded % 60} ${words.seconds}`;
}

/** `2026-11-23T14:00:00+01:00` as the shop's clock shows it, wherever the reader sits. */
export function hour(time) {
  if (time.length === 10) {
    return new Date(time).toLocaleDateString(language, {weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC'});
  }
  const wall = new Date(`${time.slice(0, 19)}Z`);
  return wall.toLocaleString(language, {weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'UTC'});
}

/** The value of a dimension, as a row's label. */
export function label(panel, value) {
  if (value === '') return words.unknown;
  if (panel === 'timeline' || panel === 'account') return hour(value);
  if (panel === 'countries') return /^[A-Z]{2}$/.test(value) ? countries.of(value) : value;
  if (panel === 'regions') return regions.names[value] ?? value;
  if (panel === 'sources' && value === '(direct)') return words.direct;
  if (panel === 'devices' || panel === 'refused' || panel === 'marked') return words[value] ?? value;
  return value;
}

/** The same where there is room for more. */
export function title(panel, value) {
  const country = panel === 'regions' && regions.names[value] ? `, ${countries.of(value.slice(0, 2))}` : '';
  return label(panel, value) + country;
}
