// What pages gain when scripts run; every page works without. Texts come from data attributes, already translated.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });

  // Free places: data-availability-url answers {free, quotas}; data-availability-key picks one quota by its id. The quotas
  // come as {id: {free}} or as [{id, free}].
  const pick = (news, key) => {
    if (!key) return news;
    const quotas = news.quotas ?? {};
    return (Array.isArray(quotas) ? quotas.find(({ id }) => id === key) : quotas[key]) ?? {};
  };
  const show = (element, news) => {
    const free = Math.max(0, Number(news.free));
    if (!Number.isFinite(free)) return;
    const number = element.querySelector("[data-free]");
    if (!number || number.textContent === String(free)) return;
    number.textContent = free;
    const meter = element.querySelector("meter");
    if (meter) meter.value = meter.max - free;
    all("[data-when-free]", element).forEach((part) => { part.hidden = free === 0; });
    all("[data-when-full]", element).forEach((part) => { part.hidden = free > 0; });
    element.classList.remove("changed");
    void element.offsetWidth;
    element.classList.add("changed");
  };
  const visible = new Set();
  const look = async () => {
    if (document.hidden) return;
    for (const url of new Set([...visible].map((element) => element.dataset.availabilityUrl))) {
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        if (!answer.ok) continue;
        const news = await answer.json();
        visible.forEach((element) => {
          if (element.dataset.availabilityUrl === url) show(element, pick(news, element.dataset.availabilityKey));
        });
      } catch { /* offline: the next round tries again */ }
    }
  };
  const live = all("[data-availability-url]");
  if (live.length && "IntersectionObserver" in window) {
    const eye = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) =>
      visible[isIntersecting ? "add" : "delete"](target)));
    live.forEach((element) => eye.observe(element));
    setInterval(look, 15000);
    document.addEventListener("visibilitychange", look);
  }

  // Where the tabs do not fit beside each other, the current one is in sight.
  all(".area-nav [aria-current]").forEach((tab) => {
    const row = tab.closest("ul");
    const gap = (edge) => tab.getBoundingClientRect()[edge] - row.getBoundingClientRect()[edge];
    if (gap("left") < 0 || gap("right") > 0) row.scrollBy({ left: (gap("left") + gap("right")) / 2, behavior: "instant" });
  });

  // Copy and share.
  const say = (button, text) => {
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = text;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { label.textContent = before; }, 2500);
  };
  const copy = (button, text) => navigator.clipboard?.writeText(text).then(() => say(button, button.dataset.done));
  if (!navigator.clipboard) all(navigator.share ? "[data-copy]" : "[data-copy], [data-share]").forEach((button) => { button.hidden = true; });
  on("click", "[data-copy]", (button) => copy(button, button.dataset.copy));
  on("click", "[data-share]", (button) => {
    const url = new URL(button.dataset.url || location.pathname, location.href).href;
    if (navigator.share) navigator.share({ title: button.dataset.share, url }).catch(() => {});
    else copy(button, url);
  });

  // Drafts: the form is posted as it is, with X-Autosave: 1, two seconds after the last change.
  all("form[data-autosave]").forEach((form) => {
    const note = form.querySelector("[data-autosave-status]");
    let timer = 0;
    const save = async () => {
      timer = 0;
      note.textContent = note.dataset.saving;
      try {
        const answer = await fetch(form.dataset.autosave || form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1", Accept: "application/json" } });
        if (!answer.ok) throw new Error(answer.status);
        const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date());
        note.textContent = note.dataset.saved.replace("{time}", time);
      } catch {
        note.textContent = note.dataset.failed;
        timer = setTimeout(save, 10000);
      }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 2000); });
    form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
    addEventListener("pagehide", () => { if (timer) navigator.sendBeacon(form.dataset.autosave || form.action, new FormData(form)); });
  });

  // Dialogs: opened by data-dialog="id"; data-confirm asks before a button does its work.
  on("click", "[data-dialog]", (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
  });
  on("click", "button[data-confirm]", (button, event) => {
    if (button.dataset.sure) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const question = document.createElement("p");
    const answers = document.createElement("form");
    dialog.className = "dialog";
    question.id = "confirm-question";
    question.textContent = button.dataset.confirm;
    dialog.setAttribute("aria-labelledby", question.id);
    answers.method = "dialog";
    answers.className = "dialog-actions";
    const answer = (text, kind, value) => Object.assign(document.createElement("button"), { textContent: text, className: `button button-${kind}`, value });
    answers.append(answer(button.dataset.confirmNo, "secondary", ""), answer(button.textContent, "danger", "yes"));
    dialog.append(question, answers);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "yes") return;
      button.dataset.sure = "1";
      button.click();
    });
    dialog.showModal();
  });
  on("click", "a[data-fullscreen]", (link, event) => {
    const picture = link.querySelector("img");
    const dialog = document.createElement("dialog");
    const close = document.createElement("form");
    dialog.className = "dialog dialog-picture";
    dialog.setAttribute("aria-label", picture.alt);
    close.method = "dialog";
    const button = Object.assign(document.createElement("button"), { className: "icon-button", textContent: "✕" });
    button.setAttribute("aria-label", link.dataset.close || "✕");
    close.append(button);
    dialog.append(picture.cloneNode(), close);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    if (!dialog.showModal) return;
    event.preventDefault();
    dialog.showModal();
  });

  // Small courtesies: plus and minus, menus that close, flashes, focus on faults.
  on("click", "[data-step]", (button) => {
    const input = button.parentElement.querySelector("input");
    input[button.dataset.step]();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("click", (event) => all("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details[data-menu][open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
  on("click", "[data-print]", () => window.print());
  on("click", "[data-dismiss]", (button) => button.closest("[data-flash]").remove());
  document.querySelector("[data-focus]")?.focus();
})();
