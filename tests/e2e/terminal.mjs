// Draws a terminal's screen, as `tmux capture-pane -e` gives it, into a picture.
import { startBrowser } from './workbench.mjs';

/** The sixteen colours that a terminal names by number, then the cube of 216 and the greys. */
const NAMED = ['#1d1f21', '#cc6666', '#8dbd68', '#e0b05c', '#81a2be', '#b294bb', '#8abeb7', '#c5c8c6', '#767676', '#d54e53', '#b9ca4a', '#e7c547', '#7aa6da', '#c397d8', '#70c0b1', '#eaeaea'];

function colour(number) {
  if (number < 16) return NAMED[number];
  if (number > 231) return `rgb(${Array(3).fill(8 + (number - 232) * 10)})`;
  const level = (part) => (part ? 55 + part * 40 : 0);
  const index = number - 16;
  return `rgb(${level(Math.floor(index / 36))}, ${level(Math.floor(index / 6) % 6)}, ${level(index % 6)})`;
}

/** Applies one escape sequence's numbers to a style. */
function styled(style, numbers) {
  const next = { ...style };
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i];
    if (n === 0) for (const key of Object.keys(next)) delete next[key];
    else if (n === 1) next.bold = true;
    else if (n === 3) next.italic = true;
    else if (n === 4) next.underline = true;
    else if (n === 7) next.reverse = true;
    else if (n === 22) delete next.bold;
    else if (n === 23) delete next.italic;
    else if (n === 24) delete next.underline;
    else if (n === 27) delete next.reverse;
    else if (n === 39) delete next.front;
    else if (n === 49) delete next.back;
    else if ((n >= 30 && n < 38) || (n >= 90 && n < 98)) next.front = colour(n < 90 ? n - 30 : n - 82);
    else if ((n >= 40 && n < 48) || (n >= 100 && n < 108)) next.back = colour(n < 100 ? n - 40 : n - 92);
    else if (n === 38 || n === 48) {
      const long = numbers[i + 1] === 2;
      next[n === 38 ? 'front' : 'back'] = long ? `rgb(${numbers.slice(i + 2, i + 5)})` : colour(numbers[i + 2]);
      i += long ? 4 : 2;
    }
  }
  return next;
}

function html(screen) {
  const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  let style = {};
  let result = '';
  for (const part of screen.split(/(\u001b\[[\d;:]*m)/)) {
    const sequence = /^\u001b\[([\d;:]*)m$/.exec(part);
    if (sequence) {
      // 4:3 and its like are kinds of underline.
      style = styled(style, sequence[1].replace(/\b4:\d\b/g, '4').split(/[;:]/).map(Number));
      continue;
    }
    const front = style.reverse ? (style.back ?? '#14161b') : style.front;
    const back = style.reverse ? (style.front ?? '#e0e2ea') : style.back;
    const css = [front && `color:${front}`, back && `background:${back}`, style.bold && 'font-weight:bold', style.italic && 'font-style:italic', style.underline && 'text-decoration:underline'];
    result += `<span style="${css.filter(Boolean).join(';')}">${escape(part)}</span>`;
  }
  return `<body style="margin:0;background:#14161b"><pre style="margin:0;padding:14px 18px;display:inline-block;color:#e0e2ea;font:15px/1.35 'DejaVu Sans Mono'">${result}</pre></body>`;
}

export async function drawTerminal(screen, file) {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, deviceScaleFactor: 1.5 });
    await page.setContent(html(screen));
    await page.locator('pre').screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
