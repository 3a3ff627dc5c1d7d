// Sends the authorization response on; without JavaScript a person does, by the button.
document.querySelector("form[data-submit]").submit();
