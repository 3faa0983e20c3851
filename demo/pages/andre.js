// What others looked at, from the statistics' files: the same for everyone, made of counts. Each <section class="others">
// says which list it wants, and of which products. Where there is nothing to show, nothing is shown.
const MOST = 5;

async function published({from, site}, product) {
  const file = product ? `r/${encodeURIComponent(product)}.json` : 'r.json';
  try {
    const answer = await fetch(`${from}/${file}?s=${encodeURIComponent(site)}`);
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};  // the shop works the same while the statistics are away
  }
}

function card({id, name, link, image}) {
  const item = document.createElement('li'), anchor = document.createElement('a'), picture = document.createElement('img');
  // so that a click on it is told, as on every card
  Object.assign(item.dataset, {sporlosProduct: id, sporlosName: name});
  const address = new URL(link), cart = new URLSearchParams(location.search).get('kurv');
  if (cart) address.searchParams.set('kurv', cart);
  Object.assign(picture, {src: image, alt: '', width: 120, height: 100});
  anchor.href = address.href;
  anchor.append(picture, name);  // a string is appended as text, whatever it says
  item.append(anchor);
  return item;
}

for (const section of document.querySelectorAll('.others')) {
  const {list, products} = section.dataset, here = products.split(' ');
  Promise.all(here.map((product) => published(section.dataset, product))).then((found) => {
    const wanted = found.flatMap((one) => one[list] ?? []);
    // what others saw, too, has few pairs in a small shop: its free places are for what is popular
    if (list === 'viewed_together') wanted.push(...found.flatMap((one) => one.popular ?? []));
    const shown = [...new Map(wanted.map((one) => [one.id, one])).values()]
      .filter((one) => one.name && one.link && one.image && !here.includes(one.id)).slice(0, MOST);
    section.querySelector('h2').hidden = !shown.length;
    section.querySelector('ul').replaceChildren(...shown.map(card));
  });
}
