test("a task is kept", () => expect(require("../../src/config").url).toContain("mongodb"));
