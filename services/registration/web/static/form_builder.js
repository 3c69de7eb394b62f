// The order of questions by pointer and by buttons, without loading the page again. Without this script the buttons are
// ordinary forms. What happened is said in a live region, in words that come from the server.
(() => {
  "use strict";
  const list = document.querySelector("[data-builder]");
  if (!list) return;
  document.documentElement.classList.add("scripted");
  const live = document.querySelector("[data-builder-said]");
  const items = () => [...list.querySelectorAll("[data-question]")];
  const say = (text) => { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); };
  const renumber = () => items().forEach((item, index) => { item.querySelector("[data-number]").textContent = index + 1; });
  const put = (order) => { // moves what stands wrong only, so that a focused button keeps its focus
    order.forEach((id, index) => {
      const item = document.getElementById(`question-${id}`);
      if (item && items()[index] !== item) list.insertBefore(item, items()[index] ?? null);
    });
    renumber();
  };
  const token = () => list.querySelector("[name=csrf_token]").value;
  let queue = Promise.resolve();
  const send = (url, fields) => {
    const body = new URLSearchParams([["csrf_token", token()], ...fields]);
    const before = items().map((item) => item.dataset.question);
    queue = queue.then(async () => {
      const focused = document.activeElement;
      try {
        const answer = await fetch(url, { method: "POST", body, headers: { "X-Script": "1", Accept: "application/json" } });
        const news = await answer.json();
        put(answer.ok ? news.order : before);
        say(news.said);
        document.dispatchEvent(new CustomEvent("builder-moved"));
      } catch {
        put(before);
        say(list.dataset.failed);
      }
      if (focused?.isConnected) focused.focus();
    });
  };

  list.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-move]");
    if (!form) return;
    event.preventDefault();
    send(form.getAttribute("action"), [["direction", form.dataset.move]]);
  });

  // Dragging: the item follows the pointer and changes places with what its middle passes.
  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    const item = handle.closest("[data-question]");
    const before = items().map((one) => one.dataset.question);
    let from = event.clientY;
    handle.setPointerCapture(event.pointerId);
    item.classList.add("is-dragged");
    const follow = (move) => {
      const pull = move.clientY < 60 ? -14 : move.clientY > innerHeight - 60 ? 14 : 0; // at the edge the page comes along
      if (pull) {
        const was = scrollY;
        scrollBy({ top: pull, behavior: "instant" });
        from -= scrollY - was;
      }
      item.style.translate = `0 ${move.clientY - from}px`;
      const box = item.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const other = items().find((one) => {
        if (one === item) return false;
        const { top, height } = one.getBoundingClientRect();
        const isBefore = one.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
        return isBefore ? middle < top + height / 2 : middle > top + height / 2;
      });
      if (!other) return;
      const at = item.offsetTop;
      const isBefore = other.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (isBefore) list.insertBefore(item, other);
      else other.after(item);
      from += item.offsetTop - at;
      item.style.translate = `0 ${move.clientY - from}px`;
      renumber();
    };
    const drop = (end) => {
      handle.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) handle.removeEventListener(name, drop);
      item.classList.remove("is-dragged");
      item.style.translate = "";
      const order = items().map((one) => one.dataset.question);
      if (end.type === "pointercancel") put(before);
      else if (order.join() !== before.join()) {
        send(list.dataset.builder, [["moved", item.dataset.question], ...order.map((id) => ["order", id])]);
      }
    };
    handle.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) handle.addEventListener(name, drop);
  });
})();
