// Counts down to the opening of the sign-up by the server's clock and then shows the form. Readers whose clock is wrong
// are helped by the Date header of this page; everybody reloads within the first second, spread over it.

const element = document.querySelector("[data-opens-at]");

if (element) {
  const opensAt = Date.parse(element.dataset.opensAt);
  const arrived = performance.now();
  let serverTime = Date.now();
  const now = () => serverTime + performance.now() - arrived;

  fetch("/registration/healthz", { cache: "no-store" })
    .then((answer) => Date.parse(answer.headers.get("Date") ?? ""))
    .then((time) => { if (!Number.isNaN(time)) serverTime = time + 500 - (performance.now() - arrived) / 2; })
    .catch(() => {});

  const shown = (left) => {
    const seconds = Math.ceil(left / 1000);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  };

  const tick = () => {
    const left = opensAt - now();
    if (left <= 0) {
      setTimeout(() => location.reload(), Math.random() * 1000);
      return;
    }
    element.textContent = element.dataset.label.replace("{time}", shown(left));
    setTimeout(tick, Math.min(left, 1000));
  };
  tick();
}
