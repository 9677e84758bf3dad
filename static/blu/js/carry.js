// <form data-carries="ID">: sends along what was typed in the form of that id, so that leaving it loses nothing.
document.addEventListener("formdata", (event) => {
  const other = document.getElementById(event.target.dataset.carries);
  if (!other) return;
  new FormData(other).forEach((value, name) => {
    if (!event.formData.has(name)) event.formData.append(name, value);
  });
});
