// What makes the staff's pages better than without JavaScript: a button pressed
// twice works once, Ctrl+Z takes back, and what others do appears by itself.
(function () {
  "use strict";
  var said = document.body.dataset;
  var live = document.getElementById("live");

  function tell(text) {
    live.textContent = text;
    live.classList.toggle("shown", Boolean(text));
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });

  document.addEventListener("keydown", function (event) {
    var field = event.target.closest && event.target.closest("input, textarea, select");
    if (field || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return;
    var undo = document.querySelector("form[data-undo] button");
    if (undo) {
      event.preventDefault();
      undo.click();
    }
  });

  var summary = document.getElementById("summary");
  if (summary) summary.focus();

  // busy says that somebody is typing, so that nothing may change under them.
  function busy() {
    var at = document.activeElement;
    if (at && at.matches("main input, main textarea, main select")) return true;
    return Array.prototype.some.call(document.querySelectorAll("main input, main textarea"), function (e) {
      return e.type !== "hidden" && (e.type === "checkbox" || e.type === "radio" ? e.checked !== e.defaultChecked : e.value !== e.defaultValue);
    }) || document.querySelector("main [data-busy], main details[open]");
  }

  function offer() {
    if (document.querySelector(".newer")) return;
    var button = document.createElement("button");
    button.className = "main newer";
    button.textContent = said.newer;
    button.addEventListener("click", function () { location.reload(); });
    document.body.appendChild(button);
  }

  function renew() {
    if (document.dispatchEvent(new CustomEvent("magpie:news", { cancelable: true })) === false) return;
    if (busy()) {
      offer();
      return;
    }
    fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" }).then(function (answer) {
      if (answer.redirected) location.reload();
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (!text || busy()) return;
      var old = document.getElementById("main");
      var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
      if (!fresh || fresh.innerHTML === old.innerHTML) return;
      var id = document.activeElement && document.activeElement.id;
      var notice = old.querySelector(".said-once");
      if (notice && !fresh.querySelector(".said-once")) fresh.insertBefore(notice, fresh.firstChild);
      old.replaceWith(fresh);
      var again = id && document.getElementById(id);
      if (again) again.focus();
      document.dispatchEvent(new CustomEvent("magpie:renewed"));
    }).catch(function () { /* the next news tries again */ });
  }

  if (said.fresh && window.EventSource) {
    var stream = new EventSource(said.fresh);
    var first = true;
    stream.onmessage = function () {
      tell("");
      if (!first) renew();
      first = false;
    };
    stream.onerror = function () { tell(said.lost); first = false; };
  }
})();
