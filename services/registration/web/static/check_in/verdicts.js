// Shows a verdict: the page carries one template for each, already in the reader's language; slots take the facts.

const LONG = 34; // letters that fit at full size

export function newStage({ place, announcer, locale, zone, sessions }) {
  const templates = new Map([...document.querySelectorAll("template[data-verdict]")].map((each) => [each.dataset.verdict, each]));
  const hours = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: zone });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short", timeZone: zone });
  const dayOf = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone });

  function timeOf(text) {
    const moment = new Date(text);
    if (Number.isNaN(moment.getTime())) return "";
    return (dayOf.format(moment) === dayOf.format(new Date()) ? hours : days).format(moment);
  }

  function fill(name, facts) {
    const template = templates.get(name) ?? templates.get("unknown-ticket");
    const part = template.content.firstElementChild.cloneNode(true);
    const values = {
      name: facts.name ?? "",
      device: facts.device ?? "",
      time: timeOf(facts.starts_at ?? facts.scanned_at),
      session: sessions.get(facts.session_id) ?? "",
    };
    part.querySelectorAll("[data-slot]").forEach((slot) => { slot.textContent = values[slot.dataset.slot]; });
    const shape = part.querySelector("[data-length]");
    if (shape) shape.dataset.length = values.name.length > LONG ? "long" : "short";
    part.querySelectorAll("[data-if]").forEach((each) => { each.hidden = !values[each.dataset.if]; });
    return part;
  }

  // The announcer is emptied first: the same words twice would be spoken once.
  function show(name, facts = {}) {
    const part = fill(name, facts);
    place.replaceChildren(part);
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = spoken(part); }, 60);
    return part.dataset.tone;
  }

  const spoken = (part) => [...part.querySelectorAll("[data-say]")]
    .filter((each) => !each.hidden).map((each) => sentence(each)).filter(Boolean).join(". ");
  const sentence = (each) => [...each.childNodes].filter((node) => !node.hidden).map((node) => node.textContent).join("").trim();
  const word = (name) => templates.get(name)?.content.querySelector("[data-word]").textContent ?? "";
  const tone = (name) => templates.get(name)?.content.firstElementChild.dataset.tone ?? "stop";
  const icon = (name) => templates.get(name)?.content.querySelector("svg").cloneNode(true);
  return { show, word, tone, icon, timeOf };
}
