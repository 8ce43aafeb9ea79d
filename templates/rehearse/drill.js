// The Q&A bank at random: each question once before one comes again, timed, with its slide a key
// away.

/**
 * The places of a list in a random order (Fisher and Yates).
 * @param {number} count
 * @param {() => number} random
 */
function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/**
 * An order in which the question that came last does not come again at once.
 * @param {number} count
 * @param {number | undefined} last
 * @param {() => number} random
 */
function nextRound(count, last, random) {
  const order = shuffled(count, random);
  return order[0] === last && count > 1 ? [...order.slice(1), order[0]] : order;
}

/**
 * @param {Item[]} items
 * @returns {string}
 */
function saidIn(items) {
  const texts = items.map((item) => (item.items ? saidIn(item.items) : (item.text ?? "")));
  return texts.filter(Boolean).join("\n");
}

class Drill {
  #box = find("#drill");
  /** @type {number[]} */
  #order = [];
  #at = 0;
  #since = 0;
  #isAnswered = false;
  /** @type {Map<number, number>} */
  #times = new Map(); // question -> seconds

  /** @param {TalkData} data */
  constructor({ questions, slides, backups }) {
    this.questions = questions;
    this.slides = [...slides.map(({ number, title }) => ({ shown: number, title })), ...backups];
  }

  get isOpen() {
    return !this.#box.hidden;
  }

  /** The slide that supports the answer, if one does. */
  get slide() {
    return this.#question.slides.at(0) ?? null;
  }

  get #question() {
    return this.questions[this.#order[this.#at]];
  }

  get #spent() {
    const spent = (performance.now() - this.#since) / 1000;
    return this.#isAnswered ? (this.#times.get(this.#order[this.#at]) ?? 0) : spent;
  }

  open() {
    this.#box.hidden = false;
    document.body.classList.add("drilling");
    this.#order = shuffled(this.questions.length, Math.random);
    this.#at = 0;
    this.#times.clear();
    this.#ask();
  }

  close() {
    this.#stop();
    this.#box.hidden = true;
    document.body.classList.remove("drilling");
  }

  next() {
    this.#stop();
    this.#at += 1;
    if (this.#at >= this.#order.length) {
      this.#order = nextRound(this.questions.length, this.#order.at(-1), Math.random);
      this.#at = 0;
    }
    this.#ask();
  }

  /** Shows the answer; pressed again, it goes on. */
  answer() {
    if (this.#isAnswered) return this.next();
    this.#stop();
    this.#isAnswered = true;
    this.#show();
  }

  /** Shows the time. */
  tick() {
    if (!this.isOpen) return;
    const times = [...this.#times.values()];
    const mean = Math.round(sum(times) / times.length);
    this.#put("spent", clockTime(this.#spent));
    const said = tr("{count} answered, {mean} s each", { count: times.length, mean });
    this.#put("mean", times.length ? said : "");
  }

  #ask() {
    this.#isAnswered = false;
    this.#since = performance.now();
    this.#show();
  }

  #stop() {
    this.#times.set(this.#order[this.#at], this.#spent);
  }

  #show() {
    const { text, tags, answer } = this.#question;
    const slide = this.slide === null ? null : this.slides[this.slide];
    this.#put("asked", text);
    this.#put("tags", tags.map((tag) => `#${tag}`).join(" "));
    this.#put("answer", this.#isAnswered ? saidIn(answer) : "").hidden = !this.#isAnswered;
    const support = slide
      ? tr("G shows slide {slide}: {title}", { slide: slide.shown, title: slide.title })
      : tr("no slide supports this one");
    const at = { number: this.#at + 1, count: this.#order.length };
    this.#put("support", support);
    this.#put("count", tr("question {number} of {count}", at));
    this.tick();
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #put(name, text) {
    const place = find(`.${name}`, this.#box);
    place.textContent = text;
    return place;
  }
}
