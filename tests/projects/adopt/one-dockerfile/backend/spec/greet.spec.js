test("a name is greeted", () => expect("hello, you").toContain("you"));
