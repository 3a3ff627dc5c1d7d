// Comforts only: shows a password on request, and tells how strong a new one is while it
// is typed. Every page works without them.
for (const button of document.querySelectorAll("button[data-reveals]")) {
  const input = document.getElementById(button.dataset.reveals);
  const label = button.firstElementChild;
  const status = button.nextElementSibling;
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    label.textContent = shown ? button.dataset.hide : button.dataset.show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    show(input.type === "password");
    status.textContent = input.type === "text" ? button.dataset.shown : button.dataset.hidden;
  });
  // Browsers would keep what they see in a text field.
  input.form.addEventListener("submit", () => show(false));
}

// The service measures, so that there is one measure; the newest answer counts.
for (const strength of document.querySelectorAll("[data-measures]")) {
  const input = document.getElementById(strength.dataset.measures);
  const bar = strength.querySelector("meter");
  const word = strength.querySelector("[role=status]");
  let pause, newest;
  const show = (score, label) => {
    bar.hidden = !label;
    bar.value = score + 1;
    word.textContent = label;
  };
  const measure = async () => {
    const asked = (newest = {});
    const answer = await fetch(strength.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify({ password: [...input.value].slice(0, 100).join("") }),
    }).catch(() => null);
    const { score, label } = answer?.ok ? await answer.json() : { score: 0, label: "" };
    if (asked === newest) show(score, label);
  };
  input.addEventListener("input", () => {
    clearTimeout(pause);
    newest = undefined;
    if (input.value) pause = setTimeout(measure, 400);
    else show(0, "");
  });
}
