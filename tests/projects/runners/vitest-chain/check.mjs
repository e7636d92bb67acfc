console.error('the check after the tests fails'); process.exit(3);
