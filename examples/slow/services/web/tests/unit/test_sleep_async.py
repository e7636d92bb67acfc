import asyncio


async def test_a_note_is_written_down() -> None:
    notes: list[str] = []
    asyncio.get_running_loop().call_later(0.02, notes.append, "milk")
    await asyncio.sleep(0.4)
    assert notes == ["milk"]
