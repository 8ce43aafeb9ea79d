// One picture of the deck alone, in the size of the window: the page with ?full=NAME.

function showFull() {
  const name = new URLSearchParams(location.search).get("full") ?? "";
  const picture = document.querySelector(`[data-picture="${CSS.escape(name)}"]`);
  if (!picture) return;
  window.showsFull = true;
  document.documentElement.classList.add("full");
  document.documentElement.dataset.ready = "true";
  document.title = picture.querySelector("title")?.textContent ?? document.title;
  const main = document.querySelector("main");
  if (main) main.className = "";
  main?.replaceChildren(picture);
  for (const link of picture.querySelectorAll("a[href^='#/']")) {
    link.setAttribute("href", `${location.pathname.split("/").pop()}${link.getAttribute("href")}`);
  }
}

showFull();
