// A comfort only: shows a password on request. Every page works without it.
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
