test("the page has a title", () => expect("title").toBeTruthy());
