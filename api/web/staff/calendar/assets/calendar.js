// The calendar as columns: drawn by the component, fed by the server, moved by
// mouse and by keyboard. What the server refuses goes back to where it was.
(function () {
  "use strict";
  var root = document.getElementById("calendar");
  if (!root || !window.EventCalendar || window.matchMedia("(max-width: 767px)").matches) return;
  var words = root.dataset;
  var live = document.getElementById("live");
  var views = { day: "resourceTimeGridDay", week: "resourceTimeGridWeek", month: "dayGridMonth" };
  var column = words.by === "rooms" ? "room" : "counsellor";
  var targets = {}; // where the session in hand could lie, by day
  var held = null; // what is moved by keyboard
  var lastUndo = null;
  var reason = document.createElement("p");
  reason.className = "reason";
  reason.hidden = true;

  function pad(n) { return String(n).padStart(2, "0"); }
  function stamp(d) { return d.getFullYear() + "-" + pad(d.getMonth() + 1) + "-" + pad(d.getDate()) + "T" + pad(d.getHours()) + ":" + pad(d.getMinutes()) + ":00"; }
  function day(d) { return stamp(d).slice(0, 10); }
  function say(text) { live.textContent = text; }
  function get(path) { return fetch(path, { headers: { Accept: "application/json" }, credentials: "same-origin" }).then(read); }
  function post(path, fields) {
    fields.key = fields.key || words.key + Math.random().toString(36).slice(2, 10);
    return fetch(path, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" }, credentials: "same-origin", body: new URLSearchParams(fields).toString() }).then(read);
  }
  function read(answer) {
    if (answer.status === 401 || answer.redirected) location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // The notice, with the way back, where the page's own stand.
  function notice(outcome) {
    var old = document.querySelector(".said-once");
    if (old) old.remove();
    var box = document.createElement("div");
    box.className = "said-once" + (outcome.ok ? "" : " refused");
    var text = document.createElement("p");
    text.textContent = outcome.said;
    box.appendChild(text);
    if (outcome.undo) {
      var button = document.createElement("button");
      button.className = "second";
      button.textContent = words.undo;
      button.addEventListener("click", undo);
      box.appendChild(button);
    }
    lastUndo = outcome.undo || null;
    var main = document.getElementById("main");
    main.insertBefore(box, main.firstChild);
    say(outcome.said);
  }

  function undo() {
    if (!lastUndo) return;
    post("/staff/calendar/undo", { reference: lastUndo }).then(notice, failed).then(function () { ec.refetchEvents(); });
  }
  function failed() { notice({ ok: false, said: words.failed }); }

  // The server's answer as the component's events.
  function events(answer) {
    var out = [];
    var columns = answer[words.by].map(function (c) { return c.id; });
    answer.sessions.forEach(function (s) {
      var id = s[column];
      out.push({
        id: s.reference, resourceIds: [id], start: s.start, end: s.end, startEditable: s.movable, durationEditable: s.stretch,
        classNames: [s.status], extendedProps: s,
      });
      if (s.claim_end > s.end && words.view !== "month") out.push({ id: "b" + s.reference, resourceIds: [id], start: s.end, end: s.claim_end, display: "background", classNames: ["buffer"] });
    });
    if (words.view === "month") return out;
    answer.blocks.forEach(function (b, i) {
      if (b.column && column === "room") return;
      out.push({ id: "x" + i, resourceIds: b.column ? [b.column] : columns, start: b.start, end: b.end, display: "background", classNames: [b.kind], title: b.why || "" });
    });
    return out;
  }

  function content(info) {
    var s = info.event.extendedProps;
    if (info.event.display === "background" || !s.label) return info.event.title || "";
    var link = document.createElement("a");
    link.href = "/staff/appointments/" + s.reference;
    link.dataset.reference = s.reference;
    link.draggable = false;
    var when = document.createElement("b");
    when.textContent = stamp(info.event.start).slice(11, 16);
    link.appendChild(when);
    link.appendChild(document.createTextNode(" " + s.label + " "));
    var state = document.createElement("span");
    state.className = s.status === "booked" ? "unseen" : "state";
    state.textContent = s.state;
    link.appendChild(state);
    return { domNodes: [link] };
  }

  // While something is dragged: where it could lie is asked once a day, what is in
  // the way when the pointer rests.
  function know(reference, date) {
    var key = reference + date;
    if (targets[key] === undefined) {
      targets[key] = null;
      get("/staff/calendar/targets?reference=" + reference + "&day=" + date).then(function (t) { targets[key] = t; }, function () { delete targets[key]; });
    }
    return targets[key];
  }
  function fits(event, resource) {
    var t = know(event.id, day(event.start));
    if (!t || !t.people) return true; // the server decides
    var at = stamp(event.start);
    var free = column === "room" ? t.rooms : t.people;
    return t.starts.indexOf(at) >= 0 && (free[resource] || []).indexOf(at) >= 0;
  }
  var asking;
  function explain(event, resource, at) {
    clearTimeout(asking);
    asking = setTimeout(function () {
      var fields = { reference: event.id, start: stamp(event.start) };
      fields[column] = resource;
      post("/staff/calendar/check", fields).then(function (o) { show(o.ok ? (o.said || words.free) : (o.said || words.no), !o.ok, at); }, function () {});
    }, 180);
  }
  var pointer = { x: 0, y: 0 };
  document.addEventListener("pointermove", function (e) {
    pointer = { x: e.clientX, y: e.clientY };
    if (!reason.hidden) place();
  });
  function place() {
    reason.style.left = Math.min(pointer.x + 16, window.innerWidth - 300) + "px";
    reason.style.top = Math.min(pointer.y + 16, window.innerHeight - 60) + "px";
  }
  function show(text, wrong) {
    reason.textContent = text;
    reason.className = "reason" + (wrong ? " wrong" : "");
    reason.hidden = false;
    place();
    say(text);
  }
  function hide() { clearTimeout(asking); reason.hidden = true; }

  function moved(info) {
    hide();
    var event = info.event;
    var fields = { reference: event.id, start: stamp(event.start) };
    if (info.newResource) fields[column] = info.newResource.id;
    if (info.endDelta) fields.end = stamp(event.end);
    send(fields, info.revert);
  }
  function send(fields, revert) {
    return post("/staff/calendar/move", fields).then(function (outcome) {
      if (!outcome.ok) revert();
      notice(outcome);
      targets = {};
      ec.refetchEvents();
      return outcome;
    }, function () { revert(); failed(); });
  }

  var ec = window.EventCalendar.create(root, {
    view: views[words.view], date: words.day, locale: words.locale, firstDay: 1, headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false, slotDuration: "00:15", slotLabelInterval: "01:00", slotMinTime: words.opens, slotMaxTime: words.closes, slotHeight: 14, scrollTime: words.opens,
    nowIndicator: true, dayMaxEvents: true, moreLinkContent: function (info) { return words.more.replace("%", info.num); },  eventTimeFormat: { hour: "numeric", minute: "2-digit", hourCycle: "h23" }, slotLabelFormat: { hour: "numeric", minute: "2-digit", hourCycle: "h23" },
    dayHeaderFormat: words.view === "month" ? { weekday: "short" } : { weekday: "short", month: "numeric", day: "numeric" },
    editable: words.view !== "month", eventStartEditable: true, eventDurationEditable: true, dragConstraint: function (info) {
      var to = (info.newResource || info.oldResource || {}).id || info.event.resourceIds[0];
      var ok = fits(info.event, to);
      explain(info.event, to);
      return ok;
    },
    resources: [], eventSources: [{ events: function (info, done, fail) {
      get("/staff/calendar/sessions?from=" + words.from + "&to=" + words.to).then(function (answer) {
        if (words.view === "week") root.style.minWidth = 80 + answer[words.by].length * 7 * 72 + "px";
        ec.setOption("resources", answer[words.by].map(function (c) { return { id: c.id, title: c.title }; }));
        var at = document.activeElement && root.contains(document.activeElement) ? document.activeElement.dataset.reference : null;
        done(events(answer));
        // What was drawn anew keeps the focus, and what is in hand.
        if (held) redraw();
        else if (at) focusOn(at);
      }, fail);
    } }],
    eventContent: content, resourceLabelDidMount: function (info) { info.el.setAttribute("role", "columnheader"); },
    eventDragStart: function (info) { dragged = true; know(info.event.id, day(info.event.start)); },
    eventResizeStart: function () { dragged = true; },
    eventDragStop: hide, eventDrop: moved, eventResize: moved,
  });

  // What was dragged is not opened when it is let go.
  var dragged = false;
  root.addEventListener("pointerdown", function () { dragged = false; }, true);
  root.addEventListener("click", function (e) { if (dragged) e.preventDefault(); }, true);

  // By keyboard: Space takes a session in hand, arrows move it, Enter confirms.
  function columns() { return ec.getOption("resources"); }
  function element() { return held && root.querySelector("[data-reference='" + held.id + "']"); }
  function redraw() {
    ec.updateEvent(Object.assign({}, held.was, { start: new Date(held.start), end: new Date(held.start.getTime() + held.length), resourceIds: [held.resource], classNames: [held.was.extendedProps.status, "held"] }));
    requestAnimationFrame(function () {
      if (!held) return; // let go meanwhile
      var e = element();
      if (e) e.focus();
      var event = { id: held.id, start: held.start };
      var ok = fits(event, held.resource);
      if (e) e.closest(".ec-event").classList.toggle("wrong-place", !ok);
      var name = (columns().find(function (c) { return c.id === held.resource; }) || {}).title;
      say(stamp(held.start).slice(11, 16) + "，" + name + "，" + (ok ? words.free : words.no));
    });
  }
  function letGo(said) {
    var was = held && held.was;
    held = null;
    root.removeAttribute("data-busy");
    if (was) ec.updateEvent(was);
    if (said) say(said);
  }
  // Listened for on the whole page: what is moved is drawn anew at each step, and
  // for that moment nothing has the focus.
  document.addEventListener("keydown", function (e) {
    var at = e.target.closest && e.target.closest("#calendar [data-reference]");
    if (!held) {
      if (!at) return;
      var event = ec.getEventById(at.dataset.reference);
      if (e.key === " " && event.extendedProps.movable && words.view !== "month") {
        e.preventDefault();
        e.stopPropagation();
        held = { id: event.id, was: event, start: new Date(event.start), length: event.end - event.start, resource: event.resourceIds[0] };
        root.setAttribute("data-busy", "yes");
        know(event.id, day(event.start));
        redraw();
        say(words.held);
      }
      return;
    }
    var steps = { ArrowUp: -15, ArrowDown: 15 };
    var sides = { ArrowLeft: -1, ArrowRight: 1 };
    if (steps[e.key]) held.start = new Date(held.start.getTime() + steps[e.key] * 60000);
    else if (sides[e.key]) {
      var all = columns().map(function (c) { return c.id; });
      held.resource = all[Math.max(0, Math.min(all.length - 1, all.indexOf(held.resource) + sides[e.key]))];
    } else if (e.key === "Escape") { e.preventDefault(); var id = held.id; letGo(words.back); focusOn(id); return; }
    else if (e.key === "Enter") { e.preventDefault(); e.stopPropagation(); confirm(); return; }
    else return;
    e.preventDefault();
    redraw();
  }, true);
  function focusOn(id) {
    requestAnimationFrame(function () {
      var e = root.querySelector("[data-reference='" + id + "']");
      if (e) e.focus();
    });
  }
  function confirm() {
    if (held.start.getTime() === held.was.start.getTime() && held.resource === held.was.resourceIds[0]) {
      var same = held.id;
      letGo(words.back);
      focusOn(same);
      return;
    }
    var fields = { reference: held.id, start: stamp(held.start) };
    var id = held.id;
    var was = held.was;
    if (held.resource !== was.resourceIds[0]) fields[column] = held.resource;
    held = null;
    root.removeAttribute("data-busy");
    send(fields, function () { ec.updateEvent(was); }).then(function () { focusOn(id); });
  }

  document.addEventListener("keydown", function (e) {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "z" && lastUndo && !e.target.matches("input, textarea, select")) { e.preventDefault(); undo(); }
  });
  document.addEventListener("magpie:news", function (e) {
    e.preventDefault();
    targets = {};
    if (!held) ec.refetchEvents();
  });

  document.body.appendChild(reason);
  root.hidden = false;
  root.parentNode.hidden = false;
  root.classList.add(words.view);
  document.getElementById("how").hidden = false;
  document.getElementById("main").classList.add("drawn");
})();
