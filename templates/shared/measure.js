// Lets who drives the browser measure the open deck.

Object.assign(window, { measureSlides });
