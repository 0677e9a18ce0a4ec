// The queue as a table to sort, search, filter, group and select in. Values are set as text only,
// so nothing of a claim is ever read as markup.
const STEP = 100;

function el(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== "") made.textContent = text;
  return made;
}

const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const COLUMNS = [
  { key: "rank", title: "Rank", numeric: true },
  { key: "subject", title: "Subject" },
  { key: "suspicion", title: "Suspicion", numeric: true, down: true },
  { key: "expected", title: "Expected recovery", numeric: true, down: true },
  { key: "overpayment", title: "Overpayment", numeric: true, down: true },
  { key: "exposure", title: "Exposure", numeric: true, down: true },
  { key: "scheme", title: "Scheme and families" },
  { key: "region", title: "Region" },
  { key: "status", title: "State, who has it" },
  { key: "why", title: "Why" },
];
const FILTERS = [
  ["kind", "All subjects"], ["family", "All families"], ["scheme", "All schemes"],
  ["region", "All regions"], ["status", "All states"], ["assignee", "Anybody's"],
];
const GROUPS = [["", "Not grouped"], ["scheme", "By scheme"], ["region", "By region"],
  ["status", "By state"], ["assignee", "By who has it"]];

function valuesOf(row, key) {
  if (key === "family") return row.family_names;
  return [row[key] || (key === "assignee" ? "nobody" : "none")];
}

function render({ model, el: root }) {
  const state = { search: "", filters: {}, group: "", sort: "rank", down: false, shown: STEP };
  root.classList.add("vigie-queue");
  const bar = el("div", { class: "bar-of-tools", role: "search" });
  const search = el("input", { type: "search", placeholder: "Search", "aria-label": "Search cases" });
  bar.append(search);
  const selects = {};
  for (const [key, all] of FILTERS) {
    const select = el("select", { "aria-label": all });
    selects[key] = [select, all];
    select.addEventListener("change", () => { state.filters[key] = select.value; restart(); });
    bar.append(select);
  }
  const group = el("select", { "aria-label": "Group" });
  for (const [key, title] of GROUPS) group.append(el("option", { value: key }, title));
  group.addEventListener("change", () => { state.group = group.value; restart(); });
  bar.append(group);
  const said = el("p", { class: "said", role: "status" });
  const scroller = el("div", { class: "scroller" });
  const table = el("table", { "aria-label": "Cases" });
  const head = el("thead"), body = el("tbody");
  table.append(head, body);
  scroller.append(table);
  const more = el("button", { type: "button", class: "more" }, "Show more");
  root.append(bar, said, scroller, more);

  search.addEventListener("input", () => { state.search = search.value; restart(); });
  more.addEventListener("click", () => { state.shown += 5 * STEP; draw(); });
  body.addEventListener("click", (event) => choose(event.target.closest("tr[data-case]")));
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-case]");
    if (!row) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(row); }
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step) return;
    event.preventDefault();
    let next = row[step];
    while (next && !next.dataset.case) next = next[step];
    if (next) next.focus();
  });

  function choose(row) {
    if (!row) return;
    model.set("selected", row.dataset.case);
    model.save_changes();
    mark();
  }

  function mark() {
    const chosen = model.get("selected");
    for (const row of body.querySelectorAll("tr[data-case]")) {
      row.setAttribute("aria-selected", row.dataset.case === chosen ? "true" : "false");
    }
  }

  function restart() { state.shown = STEP; draw(); }

  function options() {
    const rows = model.get("rows");
    for (const [key, [select, all]] of Object.entries(selects)) {
      const counts = new Map();
      for (const row of rows) for (const value of valuesOf(row, key)) {
        counts.set(value, (counts.get(value) || 0) + 1);
      }
      select.replaceChildren(el("option", { value: "" }, all));
      for (const value of [...counts.keys()].sort()) {
        select.append(el("option", { value }, `${value} (${counts.get(value)})`));
      }
      select.value = counts.has(state.filters[key]) ? state.filters[key] : "";
      state.filters[key] = select.value;
    }
  }

  function matching() {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = model.get("rows").filter((row) => {
      for (const [key, wanted] of Object.entries(state.filters)) {
        if (wanted && !valuesOf(row, key).includes(wanted)) return false;
      }
      return words.every((word) => row.text.includes(word));
    });
    const { sort, down } = state;
    return kept.sort((a, b) => {
      const x = a[sort], y = b[sort];
      const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
      return (down ? -order : order) || a.rank - b.rank;
    });
  }

  function draw() {
    const rows = matching();
    const most = Math.max(1, ...model.get("rows").map((row) => row.expected));
    const cut = model.get("cut");
    drawHead();
    body.replaceChildren();
    const listed = state.group ? drawGroups(rows, most) : drawRows(rows, most, cut);
    more.hidden = listed >= rows.length;
    const money = rows.reduce((sum, row) => sum + row.expected, 0);
    said.textContent = `${number.format(rows.length)} cases, ${number.format(money)} ` +
      `${cut.currency} expected back; ` +
      `${number.format(rows.filter((row) => row.within).length)} within your hours.` +
      (model.get("hidden") ? ` Not shown: ${model.get("hidden")}.` : "");
    mark();
  }

  function drawHead() {
    const row = el("tr");
    for (const column of COLUMNS) {
      const cell = el("th", { scope: "col", class: column.numeric ? "n" : "" });
      const sorted = state.sort === column.key;
      cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
      const arrow = sorted ? (state.down ? " ▾" : " ▴") : "";
      const button = el("button", { type: "button" }, column.title + arrow);
      button.addEventListener("click", () => {
        state.down = sorted ? !state.down : Boolean(column.down);
        state.sort = column.key;
        restart();
      });
      cell.append(button);
      row.append(cell);
    }
    head.replaceChildren(row);
  }

  function drawRows(rows, most, cut) {
    const listed = rows.slice(0, state.shown);
    const byRank = state.sort === "rank" && !state.down;
    listed.forEach((row, place) => {
      body.append(drawRow(row, most));
      const next = rows[place + 1];
      if (byRank && row.within && !(next && next.within)) body.append(wide("cut", cut.text));
    });
    return listed.length;
  }

  function drawGroups(rows, most) {
    const groups = new Map();
    for (const row of rows) {
      const name = valuesOf(row, state.group)[0];
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    const money = (list) => list.reduce((sum, row) => sum + row.expected, 0);
    const ordered = [...groups].sort((a, b) => money(b[1]) - money(a[1]) || (a[0] < b[0] ? -1 : 1));
    let listed = 0;
    for (const [name, list] of ordered) {
      if (listed >= state.shown) break;
      const within = list.filter((row) => row.within).length;
      body.append(wide("group", `${name}: ${number.format(list.length)} cases, ` +
        `${number.format(within)} within your hours, ${number.format(money(list))} expected back`));
      for (const row of list.slice(0, state.shown - listed)) body.append(drawRow(row, most));
      listed += list.length;
    }
    return listed;
  }

  function wide(kind, text) {
    const row = el("tr", { class: kind });
    row.append(el("td", { colspan: COLUMNS.length }, text));
    return row;
  }

  function drawRow(row, most) {
    const made = el("tr", { "data-case": row.id, tabindex: "0", class: row.within ? "" : "beyond" });
    for (const column of COLUMNS) made.append(cell(row, column, most));
    return made;
  }

  function cell(row, column, most) {
    const made = el("td", { class: (column.numeric ? "n " : "") + column.key });
    const value = row[column.key];
    if (column.key === "expected") {
      const bar = el("span", { class: "bar", "aria-hidden": "true" });
      const filled = el("i");
      filled.style.width = `${(100 * value) / most}%`;
      bar.append(filled);
      made.append(bar, el("b", {}, number.format(value)));
    } else if (column.key === "suspicion") {
      made.textContent = `${Math.min(99, Math.round(100 * value))} %`;
    } else if (column.key === "scheme") {
      made.append(el("span", {}, value), el("br"));
      for (const family of row.family_names) {
        const badge = el("span", { class: "badge" }, family);
        badge.style.background = model.get("colours")[family] || "#5c6470";
        made.append(badge, " ");
      }
    } else if (column.key === "status") {
      made.append(el("span", { class: `state ${row.status}` }, row.status.replaceAll("_", " ")));
      if (row.news) made.append(el("small", { class: "news" }, ` new: ${row.news}`));
      if (row.assignee) made.append(el("br"), `${row.assignee}`);
      if (row.since) made.append(el("small", {}, ` since ${row.since}`));
    } else if (column.key === "why") {
      made.append(el("span", { class: "words", title: value }, value));
    } else if (column.key === "subject") {
      made.append(el("small", {}, row.kind), ` ${value}`);
    } else {
      made.textContent = column.numeric ? number.format(value) : value || "";
    }
    return made;
  }

  function refresh() { options(); draw(); }
  model.on("change:rows", refresh);
  model.on("change:selected", mark);
  refresh();
}

export default { render };
