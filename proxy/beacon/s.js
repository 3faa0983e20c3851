/*
 * Sporløs on a shop's page. Enters: what the page shows, and the page's calls of `sporlos(name, parameters)`.
 * Leaves: POST e, text/plain, beside this script's own address; the page, its referrer and what happened there.
 * Promised: no cookie and no storage; nothing thrown into the page; silence where the way is blocked; and unless
 * measuring is allowed, nothing read from the device beyond what a request says anyway.
 *
 * Before the page has said `sporlos('consent', 'count' | 'measure' | 'off')`, the site's profile on the server decides
 * whether it is counted or measured, and no mode is sent. data-mode="measure" allows no more than reading width, time
 * and depth until then; data-mode="count" counts, whatever the profile; data-mode="off" is silent. A browser that objects (GPC, DNT) is counted, whatever is said.
 *
 *   <script defer src="https://stats.shop.no/s.js" data-site="shop.no" data-mode="measure"></script>
 *   <script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }</script>
 */
(() => {
  'use strict';
  const page = window, doc = document, tag = doc.currentScript;
  if (!tag || page.sporlos?.here) return;

  const endpoint = new URL('e', tag.src), site = tag.dataset.site || location.hostname;
  const modes = ['off', 'count', 'measure'], OFF = 0, COUNT = 1, MEASURE = 2;
  const highest = navigator.globalPrivacyControl || navigator.doNotTrack === '1' ? COUNT : MEASURE;
  const granted = (word) => Math.min(modes.indexOf(word), highest);
  const asked = granted(tag.dataset.mode);
  let mode = asked < OFF ? COUNT : asked;  // what may be read here, and sent
  // only what the page, its tag or the browser has said overrules the site's profile, and a tag can't consent
  let said = highest < MEASURE || asked === COUNT;

  // calls made before there is a page view to follow wait here: those of the stub, and those of a prerendered page
  const early = [].concat(page.sporlos?.q || []);
  let started, viewed, fresh, timer;  // fresh: the page view has not left yet
  let address, referrer = doc.referrer, route;
  let waiting = [];
  let seen = new Map(), before = new Map();  // product id → item, of this page view and of the one before

  const safely = (act) => (...given) => { try { return act(...given) } catch { /* the shop comes first */ } };
  const on = (target, name, act, options) => target.addEventListener(name, safely(act), options);

  // --- sending: what a page has to say at one moment leaves in one request

  const send = (body) => {
    if (safely(() => navigator.sendBeacon(endpoint, body))()) return;
    // with cookies, as a beacon goes: the one that says "don't count me" must arrive
    fetch(endpoint, {method: 'POST', body, keepalive: true, mode: 'no-cors', credentials: 'include'}).catch(() => {});
  };

  const flush = () => {
    timer = clearTimeout(timer);
    if (fresh) scan();
    fresh = OFF;
    const events = waiting;
    waiting = [];
    while (mode && events.length) {
      send(JSON.stringify({
        s: site, u: address.slice(0, 2000), r: referrer.slice(0, 2000), m: said ? modes[mode] : undefined,
        ...mode === MEASURE ? {w: width(), a: navigator.webdriver || undefined} : {}, e: events.splice(0, 50),
      }));
    }
  };

  const soon = (ms) => { timer ||= setTimeout(safely(flush), ms) };

  const record = (n, rest) => {
    if (!mode || !n) return;
    // a random number an event: a retry is recognised by it, a visitor is not
    const i = Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join('');
    // as text and back: what the page changes later is not said, and what can't be said fails here, alone
    waiting.push(JSON.parse(JSON.stringify({n, i, ...rest})));
    soon(0);
  };

  // --- page views

  const where = () => [location.pathname, location.search];

  const view = (wait) => {
    address = location.href;
    route = where();
    viewed = fresh = mode;
    if (!mode) return;
    soon(wait);
    record('page_view');
  };

  const go = (from) => {
    leave();
    referrer = from;
    before = seen;
    seen = new Map();
    engaged = deepest = 0;
    view(300);  // the application draws the new page after the address has changed
  };

  // the application's own clean-up of a query is no new page; a step to another query is
  const moved = (rewritten) => {
    if (!started) return;
    const [path, query] = route;
    route = where();
    if (route[0] !== path || !rewritten && route[1] !== query) go(address);
  };

  for (const name of ['pushState', 'replaceState']) {
    const original = history[name];
    history[name] = function (...given) {
      const result = original.apply(this, given);
      safely(moved)(name === 'replaceState');
      return result;
    };
  }
  on(page, 'popstate', () => moved());
  // back from the browser's page cache: a view that came from this shop, whatever the document's referrer says
  on(page, 'pageshow', (event) => { if (started && event.persisted) go(location.href) });

  // --- products

  // as long as the collector takes it; data layers hold nulls and numbers everywhere
  const text = (value) => value == null || value === '' ? undefined : String(value).slice(0, 200);
  const number = (value) => {
    // 1 299,50 as Norwegians write it; what may be read in two ways is no number
    const found = Number(text(value)?.replace(/\s/g, '').replace(/,(\d\d?)$/, '.$1'));
    return isFinite(found) ? found : undefined;
  };
  const whole = (value) => (value = number(value)) && Math.max(0, Math.round(value));
  const tidy = (item) => Object.fromEntries(Object.entries(item).map(([key, value]) =>
    [key, (key === 'price' ? number : key === 'quantity' || key === 'index' ? whole : text)(value)]));

  const one = (currency, item_id, item_name, item_brand, item_category, price) => ({
    currency: text(currency), items: [tidy({item_id, item_name, item_brand, item_category, price})],
  });

  const marked = (data, own = (key) => data['sporlos' + key]) =>
    one(own('Currency'), own('Cart') || own('Product'), own('Name'), own('Brand'), own('Category'), own('Price'));

  const described = ({sku, productID, gtin13, name, brand, category, offers}) => {
    const offer = [].concat(offers)[0];
    return one(offer?.priceCurrency, sku || productID || gtin13, name, brand?.name || brand, category,
      offer?.price ?? offer?.lowPrice);
  };

  const nodes = (json) => Array.isArray(json) ? json.flatMap(nodes) : json?.['@graph'] ? nodes(json['@graph']) : [json];

  const fromJson = () => [...doc.querySelectorAll('script[type="application/ld+json"]')]
    .flatMap((script) => safely(() => nodes(JSON.parse(script.text)))() || [])
    .filter((node) => [].concat(node?.['@type']).some((type) => /(^|\/)Product$/.test(type)))
    .map(described);

  const fromMarks = (alone) => {
    const all = [...doc.querySelectorAll('[data-sporlos-product]')];
    return all.filter((one) => 'sporlosView' in one.dataset || alone && all.length === 1)
      .map((one) => marked(one.dataset));
  };

  const unseen = (items) => items.filter((item) => {
    const fresh = item.item_id && !seen.has(item.item_id);
    if (fresh) seen.set(item.item_id, item);
    return fresh;
  });

  const scan = () => {
    const json = fromJson(), single = json.length === 1;  // several are a list, not a product's page
    for (const {items, currency} of [...single ? json : [], ...fromMarks(!single)]) {
      // after an in-page navigation the page before may still stand in the document
      if (unseen(items)[0] && !before.has(items[0].item_id)) record('view_item', {items, currency});
    }
  };

  on(doc, 'click', ({target}) => {
    const cart = target.closest('[data-sporlos-cart]'), product = target.closest('[data-sporlos-product]');
    if (cart) {
      const {items: [item], currency} = marked({...product?.dataset, ...cart.dataset});
      record('add_to_cart', {items: [seen.get(item.item_id) || item], currency});
    } else if (product && !target.closest('button') && !seen.has(product.dataset.sporlosProduct)) {
      record('select_item', marked(product.dataset));
    }
  }, true);

  // --- time and depth, where they may be read

  let since, engaged = 0, deepest = 0;

  const width = () => [1920, 1536, 1280, 1024, 768, 480, 360].find((bucket) => bucket <= innerWidth) || 320;

  const depth = () => {
    const share = (scrollY + innerHeight) / doc.documentElement.scrollHeight;
    deepest = Math.max(deepest, Math.min(100, Math.round(100 * share) || 0));
  };

  // starts, goes on with or stops the clock, as consent and the page's visibility have it
  const tick = () => {
    const now = performance.now();
    if (since) engaged += now - since;
    since = mode === MEASURE && doc.visibilityState === 'visible' ? now : 0;
  };

  const leave = () => {
    if (mode === MEASURE && viewed) {
      tick();
      depth();
      if (engaged >= 3000) {
        record('engagement', {ms: Math.round(engaged), sd: deepest});
        engaged = 0;
      }
    }
    flush();
  };

  const scrolled = safely(() => { if (mode === MEASURE) depth() });

  const measure = () => {
    tick();
    depth();
    page.addEventListener('scroll', scrolled, {passive: true});
  };

  on(doc, 'visibilitychange', () => {
    if (doc.visibilityState === 'hidden') leave();
    else if (started && mode === MEASURE) tick();
  });
  on(page, 'pagehide', leave);

  // --- the page's own calls

  const consent = (word) => {
    const next = granted(word), had = mode;
    if (next < 0) return;
    said = true;
    mode = next;
    if (next < MEASURE) since = engaged = 0;
    if (!next) {
      waiting = [];
      if (fresh) viewed = fresh = OFF;  // not counted yet, so it is when consent comes
    }
    if (next && !viewed) view(0);
    if (had !== MEASURE && next === MEASURE) measure();
  };

  const call = (name, given) => {
    if (name === 'consent') return consent(given);
    const {items, currency, value, transaction_id, search_term, props} = given || {};
    let tidied = items && [].concat(items).filter(Boolean).map(tidy);
    if (name === 'view_item' && tidied) {
      tidied = tidied.filter((item) => !item.item_id).concat(unseen(tidied));
      if (!tidied.length) return;
    }
    record(name, {
      items: tidied, currency: text(currency), v: number(value), o: text(transaction_id), q: text(search_term),
      props: props && Object.fromEntries(Object.entries(props).map(([key, worth]) => [key, text(worth)])),
    });
  };

  page.sporlos = (...given) => { started ? safely(call)(...given) : early.push(given) };
  page.sporlos.here = 1;

  const start = safely(() => {
    started = 1;
    view(0);
    if (mode === MEASURE) measure();
    for (const given of early) safely(call)(...given);
  });

  if (doc.prerendering) on(doc, 'prerenderingchange', start, {once: true});
  else if (doc.readyState === 'loading') on(doc, 'DOMContentLoaded', start);
  else start();
})();
