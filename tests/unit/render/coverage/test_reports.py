from pathlib import Path
from xml.etree import ElementTree as Xml

from seatrial.model.coverage import Branch, CoverageReport, Covered, FileCoverage, covered
from seatrial.render.coverage.files import write
from seatrial.render.coverage.pages import page_name

API = FileCoverage(
    "services/api/a<b.py", {1: 2, 2: 1, 4: 0}, {Branch(2, "0", "x"): 1, Branch(2, "0", "y"): 0}
)
SHARED = FileCoverage("gone.py", {1: 0})
REPORT = CoverageReport((SHARED, API), (covered("api", [API]), covered("", [SHARED])))


def written(root: Path) -> Path:
    source = root / API.path
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text('x = 1\nif x < 2:\n    # "<script>"\n    never()\n')
    write(root / "cov", REPORT, root, 1000.5)
    return root / "cov"


def test_cobertura_has_totals_folders_and_conditions(tmp_path: Path) -> None:
    whole = Xml.parse(written(tmp_path) / "cobertura.xml").getroot()
    assert whole.get("lines-valid") == "4"
    assert whole.get("lines-covered") == "2"
    assert (whole.get("line-rate"), whole.get("timestamp")) == ("0.5", "1000500")
    assert [one.get("name") for one in whole.iter("package")] == [".", "services.api"]
    (line,) = (one for one in whole.iter("line") if one.get("branch"))
    assert line.attrib == {
        "number": "2",
        "hits": "1",
        "branch": "true",
        "condition-coverage": "50% (1/2)",
    }
    assert whole.findtext("sources/source") == str(tmp_path)


def test_the_pages_show_each_line_as_what_it_is(tmp_path: Path) -> None:
    pages = written(tmp_path) / "html"
    index = (pages / "index.html").read_text()
    assert f'<a href="{page_name(API.path)}">services/api/a&lt;b.py</a>' in index
    assert "66.7%" in index
    assert "elsewhere" in index
    page = (pages / page_name(API.path)).read_text()
    assert '<tr id="L1" class="ran"><td>1</td><td>2×</td><td>x = 1</td></tr>' in page
    assert '<tr id="L2" class="partly"><td>2</td><td>1× partly</td>' in page
    assert '<tr id="L3"><td>3</td><td></td><td>    # &#34;&lt;script&gt;&#34;</td></tr>' in page
    assert '<tr id="L4" class="missed"><td>4</td><td>never</td>' in page
    assert "2 of 3 lines, 1 of 2 branches" in page


def test_a_source_that_is_gone_still_has_its_page(tmp_path: Path) -> None:
    page = (written(tmp_path) / "html" / page_name("gone.py")).read_text()
    assert "0 of 1 lines" in page


def test_pages_of_an_earlier_run_go_and_files_of_others_stay(tmp_path: Path) -> None:
    pages = written(tmp_path) / "html"
    (pages / "notes.html").write_text("mine")
    old = pages / page_name("old.py")
    old.write_text("old")
    written(tmp_path)
    assert not old.exists()
    assert (pages / "notes.html").read_text() == "mine"


def test_an_empty_report_is_whole_documents(tmp_path: Path) -> None:
    empty = CoverageReport((), ())
    write(tmp_path / "cov", empty, tmp_path, 0.0)
    assert empty.total == Covered("")
    assert (tmp_path / "cov/lcov.info").read_text() == ""
    assert Xml.parse(tmp_path / "cov/cobertura.xml").getroot().get("lines-valid") == "0"


def test_names_of_pages_are_short_safe_and_different() -> None:
    names = {page_name(path) for path in ("a/b.py", "a_b.py", "a/b.py" * 100, "a/ä\n.py")}
    assert len(names) == 4
    assert all(len(name) < 120 and name.isascii() and "/" not in name for name in names)
