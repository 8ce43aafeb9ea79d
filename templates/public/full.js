// One picture of the deck alone, in the size of the window: the page with ?full=NAME.
(function () {
  "use strict";
  var name = new URLSearchParams(location.search).get("full");
  var picture = name && [].filter.call(document.querySelectorAll("[data-picture]"), function (one) {
    return one.dataset.picture === name;
  })[0];
  if (!picture) return;
  window.showsFull = true;
  var main = document.querySelector("main");
  var title = picture.querySelector("title");
  document.documentElement.classList.add("full");
  document.documentElement.dataset.ready = "true";
  if (title) document.title = title.textContent;
  main.className = "";
  main.replaceChildren(picture);
  picture.querySelectorAll("a[href^='#/']").forEach(function (link) {
    link.setAttribute("href", location.pathname.split("/").pop() + link.getAttribute("href"));
  });
})();
