// Sends the only form of the page, whatever its fields are called.
HTMLFormElement.prototype.submit.call(document.forms[0]);
