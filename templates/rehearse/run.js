// A run: the clock's state kept in the browser at each event and each second, and its record, which
// goes to the server that served the page, or stays here until it is downloaded.
var Run = (function (Clock, Plan) {
  "use strict";
  var FRESH_MS = 12 * 3600 * 1000; // an unfinished run that is older is not gone on with
  var OPEN_MS = 3000; // saved so lately: a window has it open
  var SEND_MS = 8000;
  var LONGEST = 1000; // bytes of a server's answer that are shown

  // Storage that may be shut off or full: then nothing is kept, and the page says so.
  function storage(kind) {
    function guarded(action, otherwise) {
      try { return action(window[kind]); } catch (error) { return otherwise; }
    }
    return {
      get: function (key) { return guarded(function (store) { return store.getItem(key); }, null); },
      set: function (key, value) { return guarded(function (store) { store.setItem(key, value); return true; }, false); },
      drop: function (key) { guarded(function (store) { store.removeItem(key); }); },
      keys: function () { return guarded(function (store) { return Object.keys(store); }, []); },
    };
  }

  var local = storage("localStorage"), session = storage("sessionStorage");

  function newId() {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
  }

  function parsed(text) {
    try { return JSON.parse(text); } catch (error) { return null; }
  }

  function stateKey(talk, id) { return "talk-run:" + talk + ":" + id; }
  function unsentPrefix(talk) { return "talk-unsent:" + talk + ":"; }

  // Resolves to true if no other window has this run open; keeps it until the page is gone.
  function claim(id) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise(function (resolve) {
      navigator.locks.request("talk-run:" + id, { ifAvailable: true }, function (lock) {
        resolve(!!lock);
        return lock ? new Promise(function () {}) : undefined;
      }).catch(function () { resolve(true); });
    });
  }

  function wait(ms) { return new Promise(function (resolve) { setTimeout(resolve, ms); }); }

  // What was saved of a run of this script, if it can be gone on with.
  function saved(data, id, now) {
    var kept = parsed(local.get(stateKey(data.talk, id)));
    if (!kept || !kept.state || !Array.isArray(kept.state.visits) || now - kept.saved > FRESH_MS) return null;
    if (kept.slides !== data.slides.length || kept.state.at >= data.slides.length) return null;
    return kept;
  }

  // The run to go on with: this window's, or the last one that was not ended and is open nowhere.
  async function resume(data, now) {
    var own = session.get("talk-run:" + data.talk);
    var prefix = stateKey(data.talk, "");
    var others = local.keys().filter(function (key) { return key.indexOf(prefix) === 0; })
      .map(function (key) { return { id: key.slice(prefix.length), kept: parsed(local.get(key)) }; })
      .filter(function (one) {
        var state = one.kept && one.kept.state;
        return state && state.started !== null && state.mode !== "ended" && one.id !== own;
      })
      .sort(function (a, b) { return b.kept.saved - a.kept.saved; });
    var ids = (own ? [own] : []).concat(others.map(function (one) { return one.id; }));
    for (var index = 0; index < ids.length; index += 1) {
      var kept = saved(data, ids[index], now);
      if (!kept) continue;
      if (!navigator.locks && ids[index] !== own && now - kept.saved < OPEN_MS) continue;
      // A page that is loaded again may find its own lock for a moment.
      for (var attempt = 0; attempt < (ids[index] === own ? 4 : 1); attempt += 1) {
        if (await claim(ids[index])) return kept;
        await wait(100);
      }
    }
    return null;
  }

  function forgetOld(data, now) {
    var prefix = stateKey(data.talk, "");
    local.keys().filter(function (key) { return key.indexOf(prefix) === 0; }).forEach(function (key) {
      var kept = parsed(local.get(key));
      if (!kept || now - kept.saved > 30 * 24 * 3600 * 1000) local.drop(key);
    });
  }

  function keep(data, state, more, now) {
    session.set("talk-run:" + data.talk, more.id);
    return local.set(stateKey(data.talk, more.id), JSON.stringify({
      saved: now, slides: data.slides.length, id: more.id, cut: more.cut, pace: more.pace, state: state,
    }));
  }

  function seconds(ms) { return Math.round(ms / 100) / 10; }

  // A state as the log keeps it: slides by name, times in seconds.
  function record(data, state, cut, pace) {
    function stays(list) {
      return list.map(function (one) {
        return { slide: data.slides[one.slide].name, at_s: seconds(one.at), seconds: seconds(one.ms) };
      });
    }
    var versions = {};
    data.slides.forEach(function (slide) { versions[slide.name] = slide.version; });
    return {
      format: 1,
      id: state.id,
      talk: data.talk,
      script: data.script,
      cut: cut,
      started: new Date(state.started).toISOString(),
      pace_wpm: pace,
      spoken_wpm: Plan.pace(data, Plan.cutNamed(data, cut), state, pace),
      slides: versions,
      visits: stays(state.visits),
      pauses: stays(state.pauses),
      skips: state.skips.map(function (skip) {
        return { slide: data.slides[skip.slide].name, part: skip.part, gain_s: seconds(skip.gain * 1000) };
      }),
      total_s: seconds(Clock.talk(state)),
      q_and_a_s: seconds(state.qa),
    };
  }

  // Sends a record; resolves to { kept: true } or { kept: false, why }.
  async function send(entry) {
    if (!/^https?:$/.test(location.protocol)) return { kept: false, why: "" };
    var abort = new AbortController();
    var timer = setTimeout(function () { abort.abort(); }, SEND_MS);
    try {
      var answer = await fetch("rehearsals", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify(entry), signal: abort.signal,
      });
      var text = (await answer.text()).slice(0, LONGEST);
      if (answer.ok) return { kept: true, why: "" };
      var said = parsed(text);
      return { kept: false, why: said && typeof said.error === "string" ? said.error : "the server said " + answer.status };
    } catch (error) {
      return { kept: false, why: "the server doesn't answer" };
    } finally {
      clearTimeout(timer);
    }
  }

  // Records that no server took yet.
  function Unsent(data) {
    var prefix = unsentPrefix(data.talk), here = {};
    function keys() {
      return local.keys().filter(function (key) { return key.indexOf(prefix) === 0; });
    }
    return {
      add: function (entry) {
        here[entry.id] = entry;
        local.set(prefix + entry.id, JSON.stringify(entry));
      },
      drop: function (id) { delete here[id]; local.drop(prefix + id); },
      all: function () {
        var found = Object.assign({}, here);
        keys().forEach(function (key) {
          var entry = parsed(local.get(key));
          if (entry && entry.id) found[entry.id] = entry;
        });
        return Object.values(found);
      },
    };
  }

  function download(data, entries) {
    var lines = entries.map(function (entry) { return JSON.stringify(entry) + "\n"; }).join("");
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines], { type: "application/jsonl" }));
    link.download = data.talk + "-" + entries[entries.length - 1].started.slice(0, 19).replace(/[:T]/g, "-") + ".jsonl";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  }

  return {
    newId: newId, claim: claim, resume: resume, keep: keep, record: record, send: send, Unsent: Unsent,
    download: download, forgetOld: forgetOld, local: local, session: session,
  };
})(Clock, Plan);
