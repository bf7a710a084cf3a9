"""Are labelled texts read as people wrote them, and wrong files refused in one line?"""

import gzip

import numpy as np
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE
from candlecast.sentiment.labelled import read_labelled, read_texts


def written(folder, text):
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("text,label", ("negative", "neutral", "positive")),
        ("text,label", ("0", "2", "1")),
        ("Title,Sentiment", ("bearish", "NEUTRAL", "Bullish")),
    ],
)
def test_labels_under_any_known_name_are_read_as_classes(tmp_path, header, labels):
    lines = [header, *(f'"down, up",{label}' for label in labels)]

    found = read_labelled(written(tmp_path, "\n".join(lines)))

    assert found.name == "mine"
    assert found.texts == ("down, up",) * 3
    assert found.classes.tolist() == [NEGATIVE, NEUTRAL, POSITIVE]


def test_rows_without_text_are_left_out(tmp_path):
    found = read_labelled(written(tmp_path, "text,label\n ,positive\nup,positive\n"))

    assert found.texts == ("up",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text,label\nup,great\n", "line 2: label must be negative, neutral or positive (or 0, 2, 1), was 'great'"),
        ("words,label\nup,1\n", "needs a column 'text'"),
        ("text\nup\n", "needs a column 'label'"),
        ("text,label\n", "holds no labelled text"),
    ],
)
def test_file_that_is_wrong_is_refused_in_one_line(tmp_path, text, says):
    with pytest.raises(InvalidRequestError) as raised:
        read_labelled(written(tmp_path, text))

    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_taken_rows_keep_texts_and_classes_together(tmp_path):
    found = read_labelled(written(tmp_path, "text,label\na,0\nb,1\nc,2\n"))

    taken = found.take(np.array([2, 0]))

    assert taken.texts == ("c", "a")
    assert taken.classes.tolist() == [NEUTRAL, NEGATIVE]


def test_texts_without_labels_are_read_once_each_from_a_packed_file(tmp_path):
    path = tmp_path / "news.csv.gz"
    path.write_bytes(
        gzip.compress(b"published_at,title,text\n2022,up,long\n2022,up,longer\n2022, ,none\n2022,down,x\n")
    )

    assert read_texts(path) == ("up", "down")


def test_texts_of_a_file_without_their_column_are_refused(tmp_path):
    with pytest.raises(InvalidRequestError, match="needs a column 'title'"):
        read_texts(written(tmp_path, "words\nup\n"))
