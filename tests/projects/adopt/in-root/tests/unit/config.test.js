test("there is a secret", () => expect(require("../../src/config").secret).toBeTruthy());
