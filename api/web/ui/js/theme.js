// The one script that runs before anything is painted, so that a chosen theme does not flash. It is no module.
try {
  const theme = localStorage.getItem("graphited-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* storage may be forbidden: then the system's theme it is */ }
