"""The programs and packages that a folder's own files ask for, installed once and kept still."""
