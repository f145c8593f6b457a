from runfree.model.tokens import subtokens


def test_splits_camel_snake_and_numbers():
    assert {"parse", "iso", "date", "v", "2"} <= subtokens("parseISODate_v2")


def test_keeps_the_whole_word_beside_its_parts():
    assert "totalprice" not in subtokens("total_price")
    assert "total_price" in subtokens("total_price")


def test_leaves_out_words_every_file_holds():
    assert subtokens("def test(self): return None") == frozenset()
