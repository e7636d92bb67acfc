// Tells seatrial what vitest does. Handed in by --reporter=<this file>. vitest 3 and newer call the
// onTest… hooks; 1 and 2 know only onCollected, onTaskUpdate and onFinished. 3 calls both sets.
import fs from 'node:fs';
import path from 'node:path';
import shared from './line.cjs';

const { Line, Names, shown, message, text, lineIn } = shared;

const failure = (errors, file) => ({
  message: message(errors?.[0]),
  text: (errors ?? []).map(text).join('\n\n'),
  file: shown(file),
  line: lineIn(errors?.[0], file),
});

const OUTCOMES = { passed: 'passed', pass: 'passed', failed: 'failed', fail: 'failed' };

// What SEATRIAL_SHARE names: the files of one piece of the suite, or (rest) those of all others.
const piece = () => {
  const name = process.env.SEATRIAL_SHARE;
  delete process.env.SEATRIAL_SHARE;
  if (!name) return undefined;
  try {
    const { folder, files, rest } = JSON.parse(fs.readFileSync(name, 'utf8'));
    const named = new Set(files.map((file) => path.join(folder, file)));
    return (file) => named.has(file) !== rest;
  } catch {
    return undefined;
  }
};

export default class SeatrialReporter {
  constructor() {
    this.line = new Line();
    this.isOurs = piece();
    this.names = new Names();
    this.total = 0;
    this.begun = this.modern = false;
    this.started = new Set();
    this.finished = new Set();
  }

  onInit(vitest) {
    this.vitest = vitest;
    const { isOurs } = this;
    const sequence = vitest.config?.sequence;
    if (!isOurs || !sequence?.sequencer) return;
    // None of our files may hold a test.
    vitest.config.passWithNoTests = true;
    // The sequencer is where vitest lets its user decide which files run; up to version 2 a file
    // is a pair of project and path.
    sequence.sequencer = class extends sequence.sequencer {
      async sort(files) {
        return super.sort(files.filter((file) => isOurs(file.moduleId ?? file[1])));
      }
    };
  }

  begin() {
    if (this.begun) return;
    this.begun = true;
    this.line.write('begin', { runner: 'vitest', version: this.vitest?.version });
  }

  // What -t leaves out is "skipped" to vitest; to us it was never asked for.
  isAsked(fullName, skipped) {
    const pattern = this.vitest?.config?.testNamePattern;
    if (!skipped || !pattern) return true;
    return new RegExp(pattern).test(fullName);
  }

  collected(tests) {
    this.total += tests;
    if (tests) this.line.write('collected', { total: this.total });
  }

  start(id) {
    if (this.started.has(id)) return;
    this.started.add(id);
    this.line.write('start', { id });
  }

  finish(id, outcome, errors, file, facts) {
    if (this.finished.has(id)) return;
    this.finished.add(id);
    const bad = outcome === 'failed' || outcome === 'error';
    const why = bad ? failure(errors, file) : { file: shown(file), line: facts.line };
    // Of a test that passed in the end, these are the errors of its failed attempts.
    if (!bad && facts.attempts > 1) facts.earlier = (errors ?? []).map((error) => failure([error], file));
    this.line.write('finish', { id, outcome, ...facts, ...why });
  }

  broken(file, errors) {
    const id = shown(file);
    if (this.finished.has(id)) return;
    this.finished.add(id);
    this.line.write('collection-error', { id, ...failure(errors, file) });
  }

  // A hook around several tests failed: no test of them says so.
  suiteFailed(id, errors, file) {
    this.finish(id, 'error', errors, file, { uncounted: true });
  }

  end(unhandled) {
    if (!this.vitest?.config?.dangerouslyIgnoreUnhandledErrors) {
      for (const error of unhandled ?? []) {
        this.begin();
        this.line.write('unhandled', { message: message(error), text: text(error) });
      }
    }
    if (this.begun) this.line.write('end');
  }

  // vitest 3 and newer

  onTestRunStart(specifications) {
    this.modern = true;
    if (specifications.length) this.begin();
  }

  onTestModuleCollected(module) {
    const tests = [...module.children.allTests()];
    this.collected(tests.filter((test) => this.isAskedCase(test)).length);
  }

  isAskedCase(test) {
    const words = this.words(test).slice(1);
    return this.isAsked(words.join(' '), test.result()?.state === 'skipped' || test.options?.mode === 'skip');
  }

  words(test) {
    const names = [test.name];
    for (let at = test.parent; at && at.type === 'suite'; at = at.parent) names.unshift(at.name);
    return [shown(test.module.moduleId), ...names];
  }

  onTestCaseReady(test) {
    if (this.isAskedCase(test)) this.start(this.names.of(test.id, this.words(test)));
  }

  onTestCaseResult(test) {
    const result = test.result();
    if (!this.isAskedCase(test)) return;
    const facts = test.diagnostic() ?? {};
    this.finish(this.names.of(test.id, this.words(test)), OUTCOMES[result.state] ?? 'skipped', result.errors, test.module.moduleId, {
      seconds: (facts.duration ?? 0) / 1000,
      started: (facts.startTime ?? 0) / 1000,
      attempts: (facts.retryCount ?? 0) + 1,
      line: test.location?.line ?? 0,
    });
  }

  onTestModuleEnd(module) {
    for (const test of module.children.allTests()) {
      if (test.result().state !== 'pending') this.onTestCaseResult(test);
    }
    for (const suite of module.children.allSuites()) {
      const errors = suite.errors();
      const name = this.names.of(suite.id, this.words(suite));
      if (errors.length) this.suiteFailed(name, errors, module.moduleId);
    }
    const errors = module.errors();
    if (errors.length) this.broken(module.moduleId, errors);
  }

  onTestRunEnd(modules, unhandled) {
    // vitest 3 tells of no end of a module that could not be loaded.
    modules.forEach((module) => this.onTestModuleEnd(module));
    this.end(unhandled);
  }

  // vitest 1 and 2

  onCollected(files = []) {
    if (this.modern) return;
    this.begin();
    for (const file of files) {
      this.collected(testsOf(file).filter((one) => this.isAskedTask(one)).length);
    }
  }

  isAskedTask(task) {
    return this.isAsked(wordsOf(task).slice(1).join(' '), task.mode === 'skip' || task.mode === 'todo');
  }

  onTaskUpdate(packs) {
    if (this.modern) return;
    for (const [id] of packs) {
      const task = this.vitest.state.idMap.get(id);
      if (task && isTest(task)) this.taskChanged(task);
    }
  }

  taskChanged(task, isOver = false) {
    if (!this.isAskedTask(task)) return;
    const { result, mode } = task;
    const id = this.names.of(task.id, wordsOf(task));
    if (result?.state === 'run') this.start(id);
    const skipped = isOver || ['skip', 'todo'].includes(mode) || ['skip', 'todo'].includes(result?.state);
    const outcome = OUTCOMES[result?.state] ?? (skipped ? 'skipped' : undefined);
    if (outcome === undefined) return;
    this.finish(id, outcome, result?.errors, task.file.filepath, {
      seconds: (result?.duration ?? 0) / 1000,
      started: (result?.startTime ?? 0) / 1000,
      attempts: (result?.retryCount ?? 0) + 1,
      line: task.location?.line ?? 0,
    });
  }

  onFinished(files = [], unhandled = []) {
    if (this.modern) return;
    if (files.length || this.isOurs) this.begin();
    for (const file of files) {
      testsOf(file).forEach((task) => this.taskChanged(task, true));
      for (const suite of suitesOf(file)) {
        const name = this.names.of(suite.id, wordsOf(suite));
        if (suite.result?.errors?.length) this.suiteFailed(name, suite.result.errors, file.filepath);
      }
      if (file.result?.errors?.length) this.broken(file.filepath, file.result.errors);
    }
    this.end(unhandled);
  }
}

const isTest = (task) => task.type === 'test' || task.type === 'custom';
const testsOf = (task) => (isTest(task) ? [task] : (task.tasks ?? []).flatMap(testsOf));
const suitesOf = (file) =>
  (file.tasks ?? []).flatMap((task) => (isTest(task) ? [] : [task, ...suitesOf(task)]));
const wordsOf = (task) => {
  const names = [];
  const file = task.file;
  for (let at = task; at && at !== file && at.name; at = at.suite) names.unshift(at.name);
  return [shown(file?.filepath), ...names];
};
