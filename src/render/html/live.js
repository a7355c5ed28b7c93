(() => {
  const put = (id, html) => { document.getElementById(id).innerHTML = html; };
  const source = new EventSource('events');
  source.onmessage = (news) => {
    for (const [id, html] of Object.entries(JSON.parse(news.data))) put(id, html);
  };
  source.addEventListener('end', () => source.close());
  const lost = document.getElementById('lost');
  source.onopen = () => { lost.textContent = ''; };
  source.onerror = () => { lost.textContent = lost.dataset.words; };
  document.addEventListener('submit', (asked) => {
    asked.preventDefault();
    const button = asked.submitter;
    const body = new URLSearchParams(new FormData(asked.target, button));
    fetch('answer', { method: 'POST', body, redirect: 'manual' }).then(() => {
      for (const other of asked.target.querySelectorAll('button')) other.ariaPressed = other === button;
    });
  });
})();
