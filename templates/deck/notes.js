// Speaker notes under the deck, and the film of the run's training: in the speaker's deck alone.

/** Gone where the deck is the audience's window. @type {HTMLElement | null} */
const notesPanel = find("#spoken");

/**
 * Runs a script of the page's folder, then `then`.
 * @param {string} address
 * @param {() => void} [then]
 */
function loadScript(address, then) {
  const script = element("script", { src: address });
  script.onload = () => {
    script.remove();
    then?.();
  };
  document.head.append(script);
}

function showNotes() {
  if (!notesPanel || notesPanel.hidden) return;
  const notes = Reveal.getCurrentSlide().querySelector("aside.notes");
  notesPanel.innerHTML = notes?.innerHTML ?? "";
  markMeasured();
}

/**
 * The script is long, and the first slide doesn't wait for it.
 * @param {string} [version] of the file, where it is not the first one
 */
function loadNotes(version) {
  loadScript(version ? `notes.js?${version}` : "notes.js", () => {
    for (const section of findAll(".slides section")) {
      section.querySelector(":scope > aside.notes")?.remove();
      const innerHTML = window.deckNotes[section.id];
      if (innerHTML) section.append(element("aside", { className: "notes", innerHTML }));
    }
    showNotes();
    if (notesPanel) notesPanel.dataset.ready = "true";
  });
}

if (notesPanel) {
  Reveal.on("ready", () => {
    requestAnimationFrame(() => setTimeout(loadNotes));
    deckKey("T", tr("Speaker notes"), () => {
      notesPanel.hidden = !notesPanel.hidden;
      showNotes();
    });
    // The film takes the key over when it is there.
    const { film } = find(".reveal").dataset;
    if (film) deckKey("R", tr("Training, as it went"), () => loadScript(film));
  });
  Reveal.on("slidechanged", showNotes);
  Reveal.on("scrollactivated", showNotes);
  document.addEventListener("deck-swapped", ({ detail }) => {
    if (detail.notes) loadNotes(detail.notes);
    else showNotes();
  });
}
