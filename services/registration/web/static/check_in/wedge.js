// Hand scanners type like a very fast keyboard and end with Enter. Whatever has the focus, their code arrives.

const GAP = 120; // ms between two keys; no person types that evenly
const SHORTEST = 12;

export function listenForHandScanner(onCode) {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const isSlow = event.timeStamp - last > GAP;
    last = event.timeStamp;
    if (event.key === "Enter" || event.key === "Tab") {
      const code = isSlow ? "" : typed;
      typed = "";
      if (code.length < SHORTEST || isField(event.target)) return;
      event.preventDefault();
      onCode(code);
    } else if (event.key.length === 1) {
      typed = (isSlow ? "" : typed) + event.key;
    }
  });
}

// A field takes what is typed into it; the code field's form sends it.
const isField = (target) => target.matches?.("input:not([type=checkbox]), textarea, select");
