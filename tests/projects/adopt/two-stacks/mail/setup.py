from setuptools import setup

setup(name="mail", extras_require={"test": ["pytest"]})
