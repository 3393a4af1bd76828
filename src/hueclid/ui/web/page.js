/** What the whole page does by itself: light and dark, pictures dropped, pasted or chosen, and the clipboard. */
"use strict";
window.hueclid = (() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("hueclid-theme");
    } catch {
      return null;
    }
  };
  const setTheme = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.dispatchEvent(new Event("theme"));
    for (const frame of document.querySelectorAll("iframe")) frame.contentDocument?.documentElement?.setAttribute("data-theme", dark ? "dark" : "light");
  };
  setTheme(stored() ? stored() === "dark" : system.matches);
  system.addEventListener("change", () => stored() || setTheme(system.matches));

  const toggleTheme = () => {
    const dark = document.documentElement.dataset.theme === "light";
    setTheme(dark);
    try {
      localStorage.setItem("hueclid-theme", dark ? "dark" : "light");
    } catch {
      // where nothing is stored it holds until the page is loaded again
    }
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  let refused = []; // words on files that could not be taken, said beside all others until something else is done
  const tell = (word, wrong = false) => {
    const line = document.getElementById("word");
    if (!line) return;
    line.textContent = [...refused, word].filter(Boolean).join("; ");
    line.classList.toggle("wrong", wrong || refused.length > 0);
  };
  const refuse = (word) => {
    refused.push(word);
    tell("");
  };
  for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, () => (refused = []), true);

  let session = "", largest = Infinity, queue = Promise.resolve();
  const send = (files) => {
    refused = [];
    for (const file of files) queue = queue.then(() => sendOne(file));
  };
  const sendOne = async (file) => {
    if (file.size > largest) return refuse(`${file.name}: the file is larger than ${Math.floor(largest / 2 ** 20)} MiB; use the command line for it`);
    tell(`Reading ${file.name} …`);
    try {
      const answer = await fetch(`/s/${session}/pictures`, { method: "POST", body: file, headers: { "x-name": encodeURIComponent(file.name) } });
      const said = await answer.json();
      if (said.failure) refuse(said.failure);
      else tell("");
    } catch {
      refuse(`${file.name}: the server took no more of it; is it still running?`);
    }
  };

  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    send(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) send(event.clipboardData.files);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "files") return;
    send([...event.target.files]);
    event.target.value = "";
  });
  return {
    toggleTheme, copy, tell,
    enter(id, most) {
      [session, largest] = [id, most];
    },
    framed(frame) {
      frame.contentDocument.documentElement.dataset.theme = document.documentElement.dataset.theme;
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) frame.contentDocument.getElementById("turn")?.click();
    },
  };
})();
