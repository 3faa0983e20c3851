// Runs before anything of the page: what can only be heard while it happens. Leaves: window.__sporlosCheck.
(() => {
  if (window.top !== window) return;
  const heard = {violations: [], tags: []};
  Object.defineProperty(window, '__sporlosCheck', {value: heard});

  document.addEventListener('securitypolicyviolation', ({blockedURI, effectiveDirective, disposition}) => {
    heard.violations.push({url: blockedURI, directive: effectiveDirective, is_enforced: disposition === 'enforce'});
  });

  // a tag manager may take its element out again at once
  new MutationObserver((changes) => {
    for (const {addedNodes} of changes) {
      for (const node of addedNodes) {
        if (node.nodeName === 'SCRIPT' && node.src && !heard.tags.includes(node)) heard.tags.push(node);
      }
    }
  }).observe(document, {childList: true, subtree: true});
})();
