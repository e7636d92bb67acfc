// The writing end of the FIFO that SEATRIAL_REPORT names, and what the reporters share. Node's own
// modules only; never throws into the run; takes itself out of the environment before a test can
// start a process.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

// The reader cuts lines of more than 65,536 characters; a control character takes six in JSON.
const LONGEST_FACT = 60000;
const MESSAGE_LINES = 12;
const TEXT_LINES = 160;
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

class Line {
  constructor() {
    const name = process.env.SEATRIAL_REPORT;
    delete process.env.SEATRIAL_REPORT;
    this.fd = undefined;
    if (!name) return;
    try {
      // Without O_NONBLOCK this would wait for a reader that may be dead.
      const probe = fs.openSync(name, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      this.fd = fs.openSync(name, fs.constants.O_WRONLY | fs.constants.O_APPEND);
      fs.closeSync(probe);
    } catch {
      this.fd = undefined;
    }
  }

  write(t, facts = {}) {
    if (this.fd === undefined) return;
    let line = JSON.stringify({ t, ...facts });
    if (line.length > LONGEST_FACT) {
      const end = (text) => String(text ?? '').slice(-LONGEST_FACT / 16);
      const earlier = facts.earlier?.slice(0, 3).map((one) => ({ ...one, message: end(one.message).slice(-2000), text: '' }));
      line = JSON.stringify({ t, ...facts, earlier, message: end(facts.message), text: end(facts.text) });
    }
    let rest = Buffer.from(`${line}\n`);
    try {
      while (rest.length) rest = rest.subarray(fs.writeSync(this.fd, rest));
    } catch {
      this.fd = undefined;
    }
  }
}

// Two tests may bear one name; one must not hide how the other ended.
class Names {
  constructor() {
    this.times = new Map();
    this.byKey = new Map();
  }

  of(key, words) {
    let name = this.byKey.get(key);
    if (name === undefined) {
      const plain = words.join(' > ');
      const times = (this.times.get(plain) ?? 0) + 1;
      this.times.set(plain, times);
      name = times === 1 ? plain : `${plain} #${times}`;
      this.byKey.set(key, name);
    }
    return name;
  }
}

const shown = (file) => (file ? path.relative(process.cwd(), file) : '');

const lines = (text, most) =>
  String(text ?? '').replace(ESCAPES, '').split('\n').slice(0, most).join('\n');

const message = (error) => {
  const text = lines(error?.message ?? error, MESSAGE_LINES);
  return error?.name && !text.startsWith(error.name) ? `${error.name}: ${text}` : text;
};

const text = (error) => {
  const parts = [message(error)];
  if (error?.diff) parts.push(lines(error.diff, TEXT_LINES));
  const stack = lines(error?.stackStr ?? error?.stack ?? '', TEXT_LINES);
  parts.push(stack.split('\n').filter((one) => /^\s*(at|❯) /.test(one)).join('\n'));
  return parts.filter(Boolean).join('\n');
};

const lineIn = (error, file) => {
  const spot = error?.stacks?.find((one) => one.file === file);
  if (spot) return spot.line;
  const stack = String(error?.stackStr ?? error?.stack ?? '');
  const at = stack.indexOf(`${file}:`);
  return at < 0 ? 0 : Number.parseInt(stack.slice(at + file.length + 1), 10) || 0;
};

module.exports = { Line, Names, shown, lines, message, text, lineIn };
