// Sets the colour scheme before the first paint, so that a dark page never flashes white.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem('pharos.scheme');
  } catch {
    // Storage may be refused (private mode): the system's choice applies.
  }
  var asked = /[?&]theme=(light|dark)(&|$)/.exec(location.search);
  if (asked) stored = asked[1];
  var dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
