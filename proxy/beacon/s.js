/*
 * Sporløs on a shop's page. Enters: what the page shows, what it pushes to `dataLayer`, its calls of
 * `sporlos(name, parameters)`, and the visitor's choice. Leaves: POST e, text/plain, beside this script's own address.
 * Promised: no cookie and no storage; nothing thrown into the page; silence where the way is blocked; only keys that
 * `keys` lists; and unless measuring is allowed, nothing read from the device beyond what a request says anyway.
 *
 *   <script defer src="https://stats.shop.no/s.js" data-site="shop.no"></script>
 *   <script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }</script>
 *
 * data-mode="count" | "measure" | "off"   what is done before the page has said `sporlos('consent', …)`
 * data-also="click download form 404 vitals"   what is reported beside views, products and engagement
 * data-search="q"   the parameter that holds what was searched for; data-event="page_not_found"   one more event, on load
 *
 * Values leave as the page has them: the collector puts them right (proxy/decode/native.py, product.py, extra.py), so
 * that a visitor's browser need not load what does. What is served is minified and must stay small: no helper that
 * saves no bytes, and `let` throughout, since one word compresses better than two.
 */
(() => {
  let tag = document.currentScript, early = self.sporlos?.q || [];
  if (!tag || self.sporlos?.here) return;
  let {dataset} = tag, endpoint = new URL('e', tag.src);

  // what may leave, at every depth: the collector's words, GA4's and schema.org's; no customer is among them. Of a list
  // a hundred, which is what is read: a browser takes no more than 64 KiB, and all that is said with it would be lost
  let keys = /^(\d?\d?|[nip]|ms|sd|item\w*|index|quantity|\w*price\w*|currency|value|transaction_id|search_term|sku|gtin13|product\w*|name|brand|category|offers|sporlos\w+)$/i;
  // of a data layer: no page views, no settings, nothing of the tag manager's own
  let trade = /(_(cart|item|list|wishlist|info|checkout)|sign_up|generate_lead|^(purchase|refund|search|login))$/;

  let modes = ['off', 'count', 'measure'];
  // a browser that objects is counted, whatever is said
  let highest = navigator.globalPrivacyControl || navigator.doNotTrack == 1 ? 1 : 2;
  let mode, said;  // what may be read here, and sent; the word, once somebody has said it
  let address, here, referrer = document.referrer, viewed, timer, waiting = [];
  let seen = {}, before = seen;  // products of this page view and of the one before, by all their names
  let since, engaged = 0, bottom = 0, told;
  let vitals = [], first, last, shifted, watching;

  let safely = (act) => (...given) => { try { return act(...given) } catch { /* the shop comes first */ } };

  // the page's own call goes first and gets what it would get without us, errors too
  let wrap = (owner, name, act) => {
    let original = owner[name];
    owner[name] = function (...given) {
      let result = original.apply(this, given);
      given.map(safely(act));
      return result;
    };
  };

  // --- sending: what a page has to say within a moment leaves in one request

  // one view of a product is one event, whoever reports it: it is the same if its id or its name is; and what still
  // stands on the page after an in-page navigation is no view of the new page
  let known = (item) => 'item_id item_name sporlosProduct sku name'.split(' ').filter((key) => {
    let own = item?.[key], was = seen[own] || before[own];
    if (own) seen[own] = item;
    return was;
  })[0];

  let record = (n, given) => {
    if (!n || !mode || n == 'view_item' && known(given?.items?.[0])) return;
    // as text at once: what the page changes later is not said. A random number an event: a retry is recognised by it,
    // a visitor is not. `name` is a product's only: beside the items it would be somebody's; and a property is a text
    waiting.push(JSON.stringify({...given, name: void 0, n, i: Math.random()},
      (key, value) => key == 'props' ? Object.entries(value).map(String) : keys.test(key) ? value : void 0));
    timer ||= setTimeout(flush, 300);
  };
  let extra = (n, p) => dataset.also?.includes(n) && record('-' + n, {p});
  let see = (item) => record('view_item', {items: [item]});

  let flush = safely(() => {
    timer = clearTimeout(timer);
    if (viewed) scan();
    while (waiting[0]) {
      navigator.sendBeacon(endpoint, `{"e":[${waiting.splice(0, 50)}],` + JSON.stringify({
        s: dataset.site, u: address, r: referrer, q: dataset.search, m: said,
        w: mode > 1 ? innerWidth & -128 : void 0, a: mode > 1 && navigator.webdriver,
      }).slice(1));
    }
  });

  // --- page views

  let go = (from) => {
    viewed = 0;  // the application may have drawn the new page already
    leave();
    referrer = from;
    before = seen;
    seen = {};
    engaged = bottom = 0;
    address = here = location.href;
    viewed = mode;
    record('page_view');
  };

  // the application's own clean-up of a query is no new page, a step to another query is; #top is none, #/lego is
  let moved = (rewritten) => {
    let route = (url) => url.split(rewritten ? /[?#](?!!?\/)/ : /#(?!!?\/)/)[0], was = here;
    if (route(here = location.href) != route(was)) go(address);
  };

  // --- products that the page shows, unless it reports them itself

  let scan = () => {
    let found = [];
    let all = (selector, act) => found[0] || [...document.querySelectorAll(selector)].map(safely(act));
    let walk = (nodes) => [nodes].flat().map((node) =>
      node['@graph'] ? walk(node['@graph']) : /\bProduct/.test(node['@type']) && found.push(node));
    let gather = (scope, node = {}) => {
      for (let one of scope.querySelectorAll('[itemprop]')) {
        let get = (name) => one.getAttribute(name);
        if (one.parentNode.closest('[itemtype]') == scope) {
          node[get('itemprop')] ??= get('itemtype') ? gather(one) : get('content') || one.textContent;
        }
      }
      return node;
    };
    all('[data-sporlos-view]', ({dataset}) => see(dataset));
    for (let any in seen) return;
    all('[type="application/ld+json"]', (script) => walk(JSON.parse(script.text)));
    all('[itemtype$="/Product"]', (scope) => found.push(gather(scope)));
    all('[data-sporlos-product]', ({dataset}) => found.push(dataset));
    if (!found[1]) found.map(see);  // several are a list, not a product's page
  };

  // --- time and depth, where they may be read

  let tick = () => {
    if (since) engaged += performance.now() - since;
    since = mode > 1 && document.hasFocus() && performance.now();  // who is hidden has no focus
    if (mode > 1) bottom = Math.max(bottom || (told = scrollY + innerHeight), scrollY + innerHeight);
  };

  let leave = () => {
    tick();
    if (engaged >= 3e3 || bottom > told) {
      record('engagement', {ms: engaged, sd: 100 * (told = bottom) / document.scrollingElement.scrollHeight});
      engaged = 0;
    }
    if (vitals[0]) extra('vitals', vitals);
    vitals = [];
    flush();
  };

  // --- web vitals, as web.dev defines them: LCP, INP (its worst), CLS (its worst window); and pages that aren't there

  let most = (place, value) => { if (!(value < vitals[place])) vitals[place] = value };
  let observers = {
    'largest-contentful-paint': (entry) => most(0, entry.startTime),
    event: (entry) => entry.interactionId && most(1, entry.duration),
    'layout-shift'({hadRecentInput, startTime, value}) {
      if (hadRecentInput) return;
      shifted = startTime < last + 1e3 && startTime < first + 5e3 ? shifted + value : (first = startTime, value);
      last = startTime;
      most(2, shifted);
    },
    navigation: (entry) => entry.responseStatus == 404 && extra('404'),
  };

  // --- consent: the last word counts. `saying` 1: the page's own call; 2: a banner, or the tag. What is not granted by
  // those is a refusal, and no consent to be counted: where nothing is done before consent, nothing is

  let agree = (next, saying) => {
    if (next < 0) return;
    mode = Math.min(next, highest);
    said = saying == 1 || saying && mode > 1 ? modes[mode] : saying || highest < 2 ? 'denied' : void 0;
    if (mode < 2) since = engaged = bottom = 0, vitals = [];
    // a view that has not left is not counted yet, so it is when consent comes
    if (!mode && waiting.splice(0)[0]) viewed = 0;
    if (mode && !viewed) go(referrer);
    if (mode > 1) {
      tick();
      watching ||= dataset.also && PerformanceObserver.supportedEntryTypes.map((type) => observers[type] &&
        new PerformanceObserver((list) => mode > 1 && list.getEntries().map(safely(observers[type])))
          .observe({type, buffered: true, durationThreshold: 40}));
    }
  };

  let call = ([name, given]) => name == 'consent' ? agree(modes.indexOf(given), 1) : record(name, given);

  // gtag's `arguments`, or what is pushed for a tag manager. A `default` of consent is the shop's word and not the
  // visitor's, and may hold for a region only: it can forbid to read, and can't allow it
  let layer = ({event, ecommerce, 0: command, 1: name = event, 2: given = ecommerce}) => {
    if (command == 'consent') {
      let storage = given.analytics_storage, update = name == 'update';
      if (update ? storage : storage == 'denied') agree(storage == 'granted' ? 2 : 1, 2);
    } else if (given && trade.test(name)) record(name, given);
  };

  let tap = (list, act) => { list.map(safely(act)); wrap(list, 'push', act) };

  let heard = {
    click({target}) {
      let near = (selector) => target.closest(selector), link = near('a[href]');
      let cart = near('[data-sporlos-cart]')?.dataset, product = near('[data-sporlos-product]')?.dataset;
      if (cart) record('add_to_cart', {items: [{...seen[cart.sporlosCart], ...product, ...cart}]});
      else if (product && !near('button') && !seen[product.sporlosProduct]) record('select_item', {items: [product]});
      if (link?.hostname && link.host != location.host) extra('click', link.hostname);
      let file = /\.(pdf|zip|docx?|xlsx?|csv|mp[34]|exe)$/i.exec(link?.pathname);
      if (file) extra('download', file[1]);
    },
    submit: () => extra('form'),
    popstate: () => moved(),
    // back from the browser's page cache: a view that came from this shop, whatever the document's referrer says
    pageshow({persisted}) { if (persisted) seen = {}, go(location.href) },
    visibilitychange: leave, pagehide: leave, focus: tick, blur: tick, scroll: tick,
  };

  (self.sporlos = (...given) => { early.push(given) }).here = 1;

  // a frame is drawn when somebody looks: not in a hidden tab, not while the page is only prerendered
  requestAnimationFrame(safely(() => {
    let asked = modes.indexOf(dataset.mode);
    agree(asked < 0 ? 1 : asked, asked == 1 && 2);  // a tag can't consent
    record(dataset.event);
    for (let name in heard) addEventListener(name, safely(heard[name]), true);
    wrap(history, 'pushState', () => moved());
    wrap(history, 'replaceState', () => moved(1));
    tap(self.dataLayer ||= [], layer);
    tap(early, call);
    self.__tcfapi?.('addEventListener', 2, safely(({eventStatus, gdprApplies, purpose}) => {
      // the banner may be up and nothing chosen; 1: to read on the device, 8: to measure what is shown
      if (/^[tu]/.test(eventStatus)) agree(gdprApplies == false || purpose.consents[1] && purpose.consents[8] ? 2 : 1, 2);
    }));
  }));
})();
