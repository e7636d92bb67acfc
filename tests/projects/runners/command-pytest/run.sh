pytest -q
echo "a script that forgets how pytest ended"
