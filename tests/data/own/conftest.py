import pytest
from data.own.making import write_image


@pytest.fixture
def photos(tmp_path):
    """40 images of two classes, all different, one of another size."""
    for i in range(40):
        write_image(tmp_path / "photos" / ("cat", "dog")[i % 2] / f"{i}.png", i)
    return tmp_path / "photos"
