// Code on slides: it is copied with a button, and keys that scroll it don't move the slides.

const COPIED_MS = 1600;

/**
 * A page from a file, or in a frame, may have no clipboard of its own.
 * @param {string} text
 */
function copyOldWay(text) {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  field.className = "hidden";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return isDone;
}

/** @param {HTMLElement} button */
async function copyCode(button) {
  const text = button.closest(".listing")?.querySelector("code")?.textContent ?? "";
  const isDone = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
    () => true,
    () => copyOldWay(text),
  );
  button.textContent = isDone ? tr("Copied") : tr("Not copied");
  setTimeout(() => (button.textContent = tr("Copy")), COPIED_MS);
}

/**
 * Whether an arrow key scrolls this code: it is wider or higher than its box, and not at its end.
 * @param {Element} box
 * @param {string} key
 */
function scrolls(box, key) {
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = box;
  if (key === "ArrowRight") return scrollLeft + clientWidth < scrollWidth - 1;
  if (key === "ArrowDown") return scrollTop + clientHeight < scrollHeight - 1;
  return (key === "ArrowLeft" && scrollLeft > 0) || (key === "ArrowUp" && scrollTop > 0);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest(".listing .copy");
  if (button instanceof HTMLElement) copyCode(button);
});
// Before reveal.js, which listens on the document, too.
document.addEventListener(
  "keydown",
  (event) => {
    if (!(event.target instanceof Element)) return;
    const isPress = event.key === "Enter" || event.key === " ";
    const box = event.target.closest(".listing pre");
    if ((isPress && event.target.closest(".listing .copy")) || (box && scrolls(box, event.key))) {
      event.stopImmediatePropagation();
    }
  },
  true,
);
// Slides that aren't shown ask for no face: the first one with code would wait for it.
Reveal.on("ready", () => document.fonts.load("500 20px Code"));
