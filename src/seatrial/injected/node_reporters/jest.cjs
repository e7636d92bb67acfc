// Tells seatrial what jest does. Handed in by --reporters=<this file>.
'use strict';
const { Line, Names, shown, lines } = require('./line.cjs');

const OUTCOMES = { passed: 'passed', failed: 'failed' };

module.exports = class SeatrialReporter {
  constructor(globalConfig) {
    this.line = new Line();
    this.pattern = globalConfig.testNamePattern ? new RegExp(globalConfig.testNamePattern, 'i') : undefined;
    this.passed = new Set();
    this.failures = new Map();
  }

  onRunStart() {
    this.line.write('begin', { runner: 'jest' });
  }

  onTestCaseStart(test, info) {
    const id = [shown(test.path), ...(info.ancestorTitles ?? []), info.title].join(' > ');
    this.line.write('start', { id });
  }

  // A failure may yet be tried again (jest.retryTimes); only what passed is final here.
  onTestCaseResult(test, result) {
    const id = [shown(test.path), ...result.ancestorTitles, result.title].join(' > ');
    if (result.status === 'failed') {
      const said = (result.failureMessages ?? []).join('\n\n');
      this.failures.set(id, [...(this.failures.get(id) ?? []), said]);
    }
    if (result.status !== 'passed' || this.passed.has(id)) return;
    this.passed.add(id);
    this.finish(id, test.path, result);
  }

  onTestResult(test, result) {
    const names = new Names();
    result.testResults.forEach((one, index) => {
      const id = names.of(index, [shown(test.path), ...one.ancestorTitles, one.title]);
      const isLeftOut = one.status !== 'passed' && one.status !== 'failed' && this.pattern && !this.pattern.test(one.fullName);
      if (isLeftOut || (one.status === 'passed' && this.passed.has(id))) return;
      this.finish(id, test.path, one);
    });
    const broken = result.testExecError ?? (result.testResults.length ? undefined : result.failureMessage);
    if (!broken) return;
    this.line.write('collection-error', {
      id: shown(test.path),
      message: lines(broken.message ?? broken, 12),
      text: lines(result.failureMessage ?? broken.stack ?? '', 160),
      file: shown(test.path),
    });
  }

  finish(id, file, one) {
    const said = (one.failureMessages ?? []).join('\n\n');
    // Two tests may bear one name: what failed belongs to the one that was tried more than once.
    const tries = (one.invocations ?? 1) - 1;
    const earlier = (this.failures.get(id) ?? []).slice(0, tries).map((reason) => ({
      message: lines(reason.split(/\n\s+at /)[0], 12),
      text: lines(reason, 160),
      file: shown(file),
      line: lineOf(reason, file),
    }));
    this.line.write('finish', {
      id,
      outcome: OUTCOMES[one.status] ?? 'skipped',
      seconds: (one.duration ?? 0) / 1000,
      started: (one.startAt ?? 0) / 1000,
      attempts: one.invocations ?? 1,
      earlier,
      message: lines(said.split(/\n\s+at /)[0], 12),
      text: lines(said, 160),
      file: shown(file),
      line: lineOf(said, file) || one.location?.line || 0,
    });
  }

  onRunComplete(contexts, results) {
    const broken = results.runExecError;
    if (broken) this.line.write('unhandled', { message: lines(broken.message, 12), text: lines(broken.stack, 160) });
    this.line.write('end');
  }
};

const lineOf = (said, file) => {
  const at = said.indexOf(`${file}:`);
  return at < 0 ? 0 : Number.parseInt(said.slice(at + file.length + 1), 10) || 0;
};
