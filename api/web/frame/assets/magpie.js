// What makes the pages better where there is JavaScript. They work without it.
(function () {
  "use strict";
  var page = document.documentElement;
  var said = document.body.dataset;
  var live = document.getElementById("live");

  function say(words) {
    live.classList.add("shown");
    live.textContent = words;
  }

  // Quick exit: the page goes blank at once; the visit ends on the server; an
  // ordinary page takes this one's place, or WeChat closes the window.
  function leave() {
    page.style.visibility = "hidden";
    document.title = "\u200b";
    document.body.textContent = "";
    var away = function () { location.replace(said.exit); };
    try {
      fetch("/leave", { method: "POST", keepalive: true, credentials: "same-origin" }).then(away, away);
    } catch (e) {
      away();
    }
    setTimeout(away, 700);
    if (window.WeixinJSBridge) {
      window.WeixinJSBridge.invoke("closeWindow");
    }
  }

  var escapes = [];
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") {
      escapes = [];
      return;
    }
    escapes.push(event.timeStamp);
    escapes = escapes.filter(function (at) { return event.timeStamp - at < 2000; });
    if (escapes.length >= 3) {
      leave();
    }
  });

  // A form goes once: the second press waits for the first. What is pressed
  // while there is no network stays here.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-leave")) {
      event.preventDefault();
      leave();
      return;
    }
    if (navigator.onLine === false) {
      event.preventDefault();
      say(said.offline);
      return;
    }
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    setTimeout(function () { form.removeAttribute("aria-busy"); }, 8000);
  });
  // A page that comes back out of the browser's memory is asked for again: what
  // it shows may be over.
  window.addEventListener("pageshow", function (event) {
    Array.prototype.forEach.call(document.forms, function (form) { form.removeAttribute("aria-busy"); });
    if (event.persisted) {
      location.reload();
    }
  });
  window.addEventListener("offline", function () { say(said.offline); });
  window.addEventListener("online", function () { live.classList.remove("shown"); live.textContent = ""; });

  // The first thing wrong is what is read first.
  var summary = document.getElementById("summary");
  if (summary) {
    summary.focus();
  }

  // "Send again" can be pressed once its minute is over.
  Array.prototype.forEach.call(document.querySelectorAll("[data-after]"), function (button) {
    var wait = Number(button.dataset.after) * 1000;
    if (wait > 0) {
      button.disabled = true;
      setTimeout(function () { button.disabled = false; }, wait);
    }
  });

  // The elder version has no time pressure: an open page keeps what was typed,
  // and the time that is held while it may be.
  if (said.stay) {
    setInterval(function () {
      if (!document.hidden) {
        fetch(said.stay, { method: "POST", credentials: "same-origin" }).catch(function () {});
      }
    }, 120000);
  }

  // Going back and forth is what the browser is for; "print" is a button.
  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
