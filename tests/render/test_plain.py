from runfree.render.plain import printable, shortened


def test_control_characters_become_spaces():
    assert printable("a\x1b[31mb\nc\u202ed\x07é") == "a [31mb c d é"


def test_shortened():
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"
