// Runs before anything is painted: light or dark, as asked for by address, choice or talk.

const askedTheme = new URLSearchParams(location.search).get("theme");
const theme = [askedTheme, storage("localStorage").get(THEME_KEY)].find(
  (name) => name === "light" || name === "dark",
);
if (theme) document.documentElement.dataset.theme = theme;
