// <werktor-event slug="…"><a href="…">Title</a></werktor-event>
// turns the link into a card with date, place and free places. Without this script the link stays. It sets no cookie,
// stores nothing and sends nothing but the slug and the language of the page.

const ORIGIN = new URL(import.meta.url).origin;

const STYLE = `
  :host { display: block; max-inline-size: 30rem; }
  article { display: grid; gap: .5rem; padding: 1.25rem; border: 1px solid #c9d6d8; border-inline-start: .375rem solid #0b4f5c;
    border-radius: .75rem; background: #fff; color: #14262c; font: 1rem/1.5 system-ui, sans-serif; }
  h2 { margin: 0; font-size: 1.25rem; line-height: 1.25; }
  p { margin: 0; }
  a { color: #0b4f5c; }
  .sign-up { justify-self: start; margin-block-start: .5rem; padding: .625rem 1.25rem; border-radius: .5rem; background: #0b4f5c;
    color: #fff; font-weight: 600; text-decoration: none; }
  .sign-up:focus-visible, a:focus-visible { outline: 3px solid #f0ab00; outline-offset: 2px; }
  @media (prefers-color-scheme: dark) {
    article { background: #16282d; color: #e6eeef; border-color: #3c5459; border-inline-start-color: #7fd0d9; }
    a { color: #7fd0d9; } .sign-up { background: #7fd0d9; color: #10242a; }
  }`;

class WerktorEvent extends HTMLElement {
  async connectedCallback() {
    if (this.shadowRoot) return;
    const card = await this.card();
    if (card) this.draw(card);
  }

  async card() {
    const address = new URL(`/events/embed/${encodeURIComponent(this.getAttribute("slug") ?? "")}.json`, ORIGIN);
    const language = this.closest("[lang]")?.lang || navigator.language;
    try {
      const answer = await fetch(address, { credentials: "omit", headers: { "Accept-Language": language } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // the link stays
    }
  }

  draw(card) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const article = element("article", "", { lang: card.language, dir: card.direction });
    const title = element("a", card.title.text, { href: card.url, lang: card.title.language, dir: "auto" });
    const heading = element("h2");
    heading.append(title);
    article.append(heading, element("p", card.when), element("p", card.place, { dir: "auto" }), element("p", card.places));
    if (card.sign_up_url) article.append(element("a", card.sign_up, { href: card.sign_up_url, class: "sign-up" }));
    root.append(article);
  }
}

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

customElements.define("werktor-event", WerktorEvent);
