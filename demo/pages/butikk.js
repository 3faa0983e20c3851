// Tells the statistics what happens in this shop. Works the same if the statistics never load.
window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments); };

for (const said of document.querySelectorAll('script.hendelse')) {
  const {name, parameters} = JSON.parse(said.textContent);
  sporlos(name, parameters);
}

document.addEventListener('submit', ({target}) => {
  if (!target.dataset.hendelse) return;
  const {name, parameters} = JSON.parse(target.dataset.hendelse);
  sporlos(name, parameters);
});
