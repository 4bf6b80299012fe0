"use strict";
(() => {
  const PAGE = 50;
  const data = JSON.parse(document.getElementById("data").textContent);
  const [TIME, DAY, NAME, OWN, SHARED, UUID] = [0, 1, 2, 3, 4, 5];
  const byId = (id) => document.getElementById(id);
  const search = byId("search"), name = byId("name"), day = byId("day");
  const list = byId("list"), found = byId("found"), more = byId("more");
  let matching = [], shown = 0;

  // Everything from the log becomes text by textContent, nothing becomes markup.
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const told = (value) => {
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
    return typeof value === "string" ? value : JSON.stringify(value, null, 1);
  };
  const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

  const texts = data.events.map((event) => {
    const [user, common] = data.shared[event[SHARED]];
    return [event[TIME], event[NAME], event[UUID], user, JSON.stringify(event[OWN]), JSON.stringify(common)]
      .join("\n").toLowerCase();
  });

  const fill = (select, values) => {
    for (const value of values) {
      const option = element("option", value);
      option.value = value;
      select.append(option);
    }
  };
  fill(name, [...new Set(data.events.map((event) => event[NAME]))].sort());
  fill(day, [...new Set(data.events.map((event) => event[DAY]))].sort().reverse());

  const facts = (title, entries, reasons) => {
    const table = element("table", undefined, "facts");
    table.append(element("caption", title));
    const head = element("tr");
    for (const text of ["fact", "value", "why it is collected"]) {
      const cell = element("th", text);
      cell.scope = "col";
      head.append(cell);
    }
    table.append(element("thead"));
    table.tHead.append(head);
    const body = element("tbody");
    for (const [key, value] of entries) {
      const row = element("tr"), first = element("th", key);
      first.scope = "row";
      row.append(first, element("td", told(value)));
      row.append(element("td", own(reasons, key) ?? "Not in this version's catalogue.", "why"));
      body.append(row);
    }
    table.append(body);
    return table;
  };

  const detail = (event) => {
    const box = element("div", undefined, "detail");
    const declared = own(data.catalogue, event[NAME]);
    box.append(element("p", declared ? declared.about : "This version's catalogue hasn't this event."));
    const entries = Object.entries(event[OWN]);
    if (entries.length) box.append(facts("Its own facts", entries, declared ? declared.why : {}));
    const [user, common] = data.shared[event[SHARED]];
    box.append(facts(
      "Facts of every event",
      [["id", user], ...(event[UUID] ? [["uuid", event[UUID]]] : []), ...Object.entries(common)],
      {
        id: "The anonymous id of the user, made at random.",
        uuid: "The id of this event, so that it is counted once.",
        ...data.common,
      },
    ));
    return box;
  };

  const entry = (event) => {
    const item = element("li"), details = element("details"), summary = element("summary");
    const brief = Object.entries(event[OWN]).map(([key, value]) => `${key} ${told(value)}`).join(" · ");
    summary.append(element("span", event[TIME], "time"), element("span", event[NAME], "event"));
    summary.append(element("span", brief.slice(0, 300), "brief"));
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(detail(event));
    });
    item.append(details);
    return item;
  };

  const extend = () => {
    for (const number of matching.slice(shown, shown + PAGE)) list.append(entry(data.events[number]));
    shown = Math.min(shown + PAGE, matching.length);
    more.hidden = shown >= matching.length;
    const count = (number) => number.toLocaleString("en");
    found.textContent = matching.length
      ? `${count(matching.length)} event${matching.length === 1 ? "" : "s"}, ${count(shown)} shown`
      : "No event is like that.";
  };

  const choose = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    matching = [];
    data.events.forEach((event, number) => {
      if (name.value && event[NAME] !== name.value) return;
      if (day.value && event[DAY] !== day.value) return;
      if (words.every((word) => texts[number].includes(word))) matching.push(number);
    });
    list.replaceChildren();
    shown = 0;
    extend();
  };

  search.addEventListener("input", choose);
  name.addEventListener("change", choose);
  day.addEventListener("change", choose);
  more.addEventListener("click", extend);
  choose();
})();
