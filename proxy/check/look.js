// Runs once the page is quiet. Enters: addresses of scripts whose bytes are ours. Leaves: what is there, as plain values.
async (ours) => {
  const heard = window.__sporlosCheck ?? {violations: [], tags: []};
  const scripts = new Set([...document.scripts, ...heard.tags]);
  const tags = [...scripts].filter((one) => one.src && ('site' in one.dataset || ours.includes(one.src)));

  let unreadable = 0;
  const nodes = (json) => Array.isArray(json) ? json.flatMap(nodes) : json?.['@graph'] ? nodes(json['@graph']) : [json];
  const described = [...document.querySelectorAll('script[type="application/ld+json"]')].flatMap((script) => {
    try { return nodes(JSON.parse(script.text)) } catch { unreadable++; return [] }
  });
  const of = (type) => described.filter((node) =>
    [].concat(node?.['@type'] ?? []).some((one) => String(one).split('/').pop() === type));

  // gtag pushes its arguments as they are; what was said last holds
  let mode = '';
  for (const entry of Array.isArray(window.dataLayer) ? window.dataLayer : []) {
    if (entry?.[0] === 'consent') mode = String(entry[2]?.analytics_storage ?? mode);
  }

  const tcf = typeof window.__tcfapi !== 'function' ? '' : await new Promise((answer) => {
    setTimeout(() => answer('asked'), 1000);
    try {
      window.__tcfapi('addEventListener', 2, (said, done) => {
        if (!done || said?.eventStatus === 'cmpuishown') return;
        const allowed = said.gdprApplies === false || said.purpose?.consents?.[1] && said.purpose?.consents?.[8];
        answer(allowed ? 'granted' : 'denied');
      });
    } catch { answer('asked') }
  });

  return {
    ran: Boolean(window.sporlos?.here),
    tags: tags.map((one) => ({
      src: one.src, site: one.dataset.site ?? '', mode: one.dataset.mode ?? '', integrity: one.integrity,
      has_crossorigin: one.hasAttribute('crossorigin'),
      // a script that another one puts there is async by itself
      waits: one.defer || one.async || one.type === 'module',
    })),
    violations: heard.violations,
    markup: {
      described: of('Product').length,
      groups: of('ProductGroup').length,
      unreadable,
      microdata: document.querySelectorAll('[itemtype$="schema.org/Product"]').length,
      marked: document.querySelectorAll('[data-sporlos-product]').length,
    },
    consent: {mode, tcf},
  };
}
